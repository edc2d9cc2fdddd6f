import unittest

import numpy as np

from support import IndexTest, apus, needs

QRELS = {"q1": {"d1": 1, "d4": 2}, "q2": {"d3": 1}}


class EvaluationTest(IndexTest):
    def test_values_are_those_computed_by_hand(self):
        run = {"q1": {"d4": 2.0, "d2": 1.0, "d1": 0.5}, "q2": {"d1": 1.0}}
        found = apus.evaluate(QRELS, run, "AP P@1", per_query=True)
        self.assertAlmostEqual(found["AP"], (1 + 2 / 3) / 2 / 2)
        self.assertEqual(found["P@1"], 0.5)
        self.assertEqual(found.per_query["q2"], {"AP": 0.0, "P@1": 0.0})

    @needs("pandas")
    def test_judgements_and_runs_have_many_shapes(self):
        import pandas

        index = self.build()
        batch = index.batch_search({"q1": "why do stars shine", "q2": "bread"}, k=10)
        expected = apus.evaluate(QRELS, batch)
        self.assertGreater(expected["nDCG@10"], 0)
        with open(self.path("qrels.txt"), "w") as file:
            for query, own in QRELS.items():
                for id, grade in own.items():
                    file.write(f"{query} 0 {id} {grade}\n")
        batch.write(self.path("run.txt"))
        rows = [(query, id, grade) for query, own in QRELS.items() for id, grade in own.items()]
        table = pandas.DataFrame(rows, columns=["qid", "docno", "label"])
        for qrels in (self.path("qrels.txt"), rows, table):
            for run in (batch.run(), batch.dataframe(), self.path("run.txt")):
                self.assertEqual(apus.evaluate(qrels, run), expected)

    def test_what_does_not_fit_is_named(self):
        for part, error, qrels, run in [
            ("qrels has a list for query", TypeError, {"q": ["d"]}, {}), ("holds something that is no number", TypeError, {"q": {"d": "x"}}, {}),
            ("lists the document 'd' twice", ValueError, [("q", "d", 1), ("q", "d", 2)], {}),
            ("does not exist", apus.ApusError, "/nowhere", {}), ("no whole number", ValueError, {"q": {"d": 0.5}}, {}),
        ]:
            with self.subTest(part):
                self.assertSays(part, error, apus.evaluate, qrels, run)
        self.assertSays("nDCG@x", apus.ApusError, apus.evaluate, QRELS, {}, "nDCG@x")

    def test_the_starter_collection_is_measured(self):
        folder = apus.starter(self.path("starter"))
        index = apus.Index.build(self.path(), folder, model="none")
        run = index.batch_search(apus.read_topics(folder + "/queries.jsonl"), k=100, threads=2)
        found = apus.evaluate(folder + "/qrels/test.tsv", run)
        self.assertGreater(found["nDCG@10"], 0.4)


@needs("scipy")
class EncoderTest(IndexTest):
    def test_vectors_are_rows_of_a_matrix(self):
        encoder = apus.Encoder("bundled")
        texts = ["Stars shine by fusion.", "", "Bread rises because of yeast."]
        matrix = encoder.encode(texts)
        self.assertEqual((matrix.shape, matrix.dtype), ((3, len(encoder.vocabulary)), np.float32))
        self.assertEqual(matrix[1].nnz, 0)
        best = encoder.vocabulary[matrix[0].indices[np.argmax(matrix[0].data)]]
        self.assertIn(best, ("stars", "star", "fusion"))
        self.assertEqual((matrix != encoder.encode(texts, threads=2)).nnz, 0)
        query = encoder.encode_query("why do stars shine")
        self.assertEqual(list(query.values()), sorted(query.values(), reverse=True))
        learned = apus.Index.build(self.path(), [(f"d{n}", text) for n, text in enumerate(texts)], model="bundled")
        brought = apus.Index.build(
            self.path("brought"), [(f"d{n}", text) for n, text in enumerate(texts)], vectors=matrix, vocabulary=encoder.vocabulary)
        self.assertEqual(learned.search("stars", mode="splade").ids[0], "d0")
        self.assertEqual(brought.search("", vector=query, mode="splade").ids[0], "d0")

    def test_what_it_cannot_do_is_said(self):
        self.assertSays("/nowhere", apus.ApusError, apus.Encoder, "/nowhere")
        encoder = apus.Encoder("bundled")
        self.assertSays("The texts are one text", TypeError, encoder.encode, "x")
        self.assertSays("text 0 is an int", TypeError, encoder.encode, [7])
        self.assertSays("is of queries", ValueError, encoder.encode, ["x"], query_side="siamese")
        encoder.close()
        self.assertSays("is closed", apus.ApusError, encoder.encode, ["x"])


if __name__ == "__main__":
    unittest.main()
