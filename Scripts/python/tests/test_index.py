import pickle
import sqlite3
import threading
import unittest
from collections import namedtuple
from pathlib import Path

import numpy as np

from support import DOCUMENTS, IndexTest, apus, needs


class SearchTest(IndexTest):
    def test_hits_have_id_score_title_and_text(self):
        hits = self.build().search("why do stars shine", k=10)
        self.assertEqual(hits.ids[:2], ["d1", "d4"])
        self.assertEqual([hit.id for hit in hits], hits.ids)
        self.assertEqual((hits[1].title, hits[1].text, hits[1].rank), ("Stars", "A star is a ball of gas.", 2))
        self.assertEqual(hits[0].metadata, {"year": 2001})
        self.assertEqual([hit.score for hit in hits], sorted((hit.score for hit in hits), reverse=True))
        self.assertTrue(hits.exact)
        self.assertEqual([hit.id for hit in hits[:1]], ["d1"])
        self.assertEqual(hits[-1].id, hits.ids[-1])

    def test_nothing_is_found_without_an_error(self):
        hits = self.build().search("zzz")
        self.assertEqual((len(hits), list(hits), hits.ids), (0, [], []))

    def test_options_are_those_of_a_search(self):
        index = self.build()
        self.assertEqual(set(index.search("stars because", filter="year = 2001").ids), {"d1", "d3"})
        boosted = index.search("stars because", boosts=["year = 2010:100"])
        self.assertEqual(boosted.ids[0], "d4")
        usual, other = index.search("stars"), index.search("stars", k1=2.0, b=0.0)
        self.assertNotEqual(usual.scores, other.scores)

    def test_a_batch_is_one_search_after_another(self):
        index = self.build()
        queries = {"q1": "why do stars shine", "q2": "bread", "q3": "zzz"}
        for threads in (1, 2):
            batch = index.batch_search(queries, k=3, threads=threads)
            self.assertEqual(batch.topics, list(queries))
            self.assertEqual(batch.scores.shape, (3, 3))
            for hits, query in zip(batch, queries.values()):
                alone = index.search(query, k=3)
                self.assertEqual(hits.ids, alone.ids)
                self.assertEqual(hits.scores, alone.scores)
            self.assertEqual(batch[0][0].text, DOCUMENTS[0]["text"])
            self.assertTrue(np.isneginf(batch.scores[2]).all())
        self.assertEqual(list(batch.run()["q2"]), ["d3"])
        self.assertEqual(index.batch_search(queries, k=10**12).scores.shape, (3, 4))
        self.assertEqual(index.batch_search([], k=3).ids, [])

    def test_an_explanation_adds_up_to_the_score(self):
        index = self.build()
        told = index.explain("stars shine", "d1")
        self.assertAlmostEqual(told["score"], index.search("stars shine")[0].score, places=6)
        products = sum(term["product"] for term in told["fields"][0]["terms"])
        self.assertAlmostEqual(products, told["score"], places=5)

    def test_answers_stay_as_they_were_given(self):
        index = self.build()
        hits = index.search("stars shine")
        index.delete("d1")
        self.assertEqual(hits[0].text, DOCUMENTS[0]["text"])
        self.assertNotIn("d1", index.search("stars shine").ids)
        index.close()
        self.assertEqual(hits[1].title, "Stars")

    def test_many_threads_search_one_index(self):
        index = self.build()
        expected = index.search("stars shine").ids
        wrong = []

        def work():
            for _ in range(200):
                if index.search("stars shine").ids != expected:
                    wrong.append(1)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_an_index_can_be_sent_to_another_process(self):
        index = pickle.loads(pickle.dumps(self.build()))
        self.assertEqual(index.search("bread").ids, ["d3"])


class DocumentsTest(IndexTest):
    @needs("pandas")
    def test_documents_of_many_shapes_become_the_same_index(self):
        import pandas

        Doc = namedtuple("Doc", "doc_id title text")
        texts = [(d["_id"], d.get("title", ""), d["text"]) for d in DOCUMENTS]
        shapes = {
            "dicts": [{"id": id, "title": title, "contents": text} for id, title, text in texts],
            "triples": iter(texts),
            "tuples": (Doc(*one) for one in texts),
            "pairs": [(id, {"title": title, "text": text}) for id, title, text in texts],
            "beir": {id: {"title": title, "text": text} for id, title, text in texts},
            "table": pandas.DataFrame(texts, columns=["docno", "title", "text"]),
        }
        expected = self.build(texts, name="expected").search("stars shine")
        for name, documents in shapes.items():
            found = self.build(documents, name=name).search("stars shine")
            self.assertEqual((found.ids, found.scores), (expected.ids, expected.scores), name)
            self.assertEqual(found[1].title, "Stars", name)

    def test_files_are_read_as_the_command_line_reads_them(self):
        corpus = Path(self.folder) / "corpus.tsv"
        corpus.write_text("a\tred stone\nb\tblue water\n")
        for name, given in [("one", str(corpus)), ("two", corpus), ("three", [corpus])]:
            self.assertEqual(self.build(given, name=name).search("water").ids, ["b"])

    def test_an_iterator_stays_on_its_own_thread(self):
        # sqlite3 refuses a cursor on another thread.
        database = sqlite3.connect(":memory:")
        database.execute("CREATE TABLE texts (id TEXT, text TEXT)")
        database.executemany("INSERT INTO texts VALUES (?, ?)", [(f"d{n}", f"word{n} common") for n in range(1000)])
        index = self.build(database.execute("SELECT id, text FROM texts ORDER BY rowid"))
        self.assertEqual(len(index), 1000)
        self.assertEqual(index.search("word777").ids, ["d777"])

    def test_documents_come_change_and_go(self):
        index = self.build()
        self.assertEqual(index.add([("d5", "Stars twinkle.")])["added"], 1)
        self.assertIn("d5", index.search("twinkle").ids)
        self.assertEqual(index.update([("d5", "Comets fly."), ("d6", "Meteors fall.")])["replaced"], 1)
        self.assertEqual(index.search("twinkle").ids, [])
        self.assertEqual(index.search("comets").ids, ["d5"])
        self.assertEqual(index.delete(["d5", "nobody"])["unknown"], 1)
        self.assertEqual(len(index), 5)
        self.assertEqual(index.add([("d6", "again")], skip_known=True)["skipped"], 1)
        self.assertEqual(index.add([])["added"], 0)

    def test_passages_of_text_keep_every_character(self):
        text = "Ünïcödé \U0001F600 \u200d tab\tline\nquote\" back\\slash \x01"
        index = self.build([("d1", text)])
        self.assertEqual(index.documents(["d1"])[0]["text"], text)


@needs("scipy")
class VectorsTest(IndexTest):
    def matrix(self):
        import scipy.sparse as sparse

        return sparse.csr_matrix(np.array([[1, 0, 0.5], [0, 0, 0], [0, 0, 2]], dtype=np.float32))

    def test_rows_of_a_matrix_are_vectors_of_documents(self):
        documents = [("a", "A text."), ("b", "B text."), ("c", "C text.")]
        vocabulary = ["red", "green", "blue"]
        for name, matrix in [
            ("csr", self.matrix()), ("coo", self.matrix().tocoo()), ("csc", self.matrix().tocsc().astype(np.float64)),
            ("dense", self.matrix().toarray()),
        ]:
            index = apus.Index.build(self.path(name), documents, vectors=matrix, vocabulary=vocabulary)
            hits = index.search("", vector={"blue": 1.0}, mode="splade")
            self.assertEqual((hits.ids, hits[0].text), (["c", "a"], "C text."), name)
            batch = index.batch_search(["", ""], vectors=self.matrix()[[0, 2]], vocabulary=vocabulary, mode="splade", k=5)
            self.assertEqual(batch.ids, [["a", "c"], ["c", "a"]], name)
        only = apus.Index.build(self.path("ids"), ["a", "b", "c"], vectors=self.matrix(), vocabulary={"red": 0, "blue": 2})
        self.assertEqual(only.search("", vector={"blue": 1.0}, mode="splade").ids, ["c", "a"])
        added = only.add(["d"], vectors=self.matrix()[:1], vocabulary=vocabulary)
        self.assertEqual(added["added"], 1)


if __name__ == "__main__":
    unittest.main()
