"""The field's tools over Apus give what `apus.evaluate` gives; each is skipped where its package is not installed."""

import json
import os
import unittest

import numpy as np

from support import IndexTest, apus, needs


class StarterTest(IndexTest):
    def setUp(self):
        super().setUp()
        self.starter = apus.starter(self.path("starter"))
        self.queries = apus.read_topics(self.starter + "/queries.jsonl")
        self.qrels = {}
        with open(self.starter + "/qrels/test.tsv") as file:
            for line in list(file)[1:]:
                query, document, grade = line.split()
                self.qrels.setdefault(query, {})[document] = int(grade)
        self.corpus = {}
        with open(self.starter + "/corpus.jsonl") as file:
            for line in file:
                one = json.loads(line)
                self.corpus[one["_id"]] = {"title": one.get("title", ""), "text": one["text"]}
        self.index = apus.Index.build(self.path(), self.starter, model="none")
        self.judged = {query: self.queries[query] for query in self.qrels}
        self.expected = apus.evaluate(
            self.qrels, self.index.batch_search(self.judged, k=100), "nDCG@10 AP R@100")

    @needs("pyterrier")
    def test_pyterrier(self):
        import pandas
        import pyterrier as pt

        from apus.adapters.pyterrier import Retriever

        topics = pandas.DataFrame({"qid": list(self.judged), "query": list(self.judged.values())})
        qrels = pandas.DataFrame(
            [(query, id, grade) for query, own in self.qrels.items() for id, grade in own.items()], columns=["qid", "docno", "label"])
        retriever = Retriever(self.index, k=100)
        table = pt.Experiment([retriever], topics, qrels, ["ndcg_cut_10", "map", "recall_100"], names=["apus"])
        self.assertAlmostEqual(table["ndcg_cut_10"][0], self.expected["nDCG@10"], places=12)
        self.assertAlmostEqual(table["map"][0], self.expected["AP"], places=12)
        self.assertAlmostEqual(table["recall_100"][0], self.expected["R@100"], places=12)
        found = (retriever % 3).search(next(iter(self.judged.values())))
        self.assertEqual(list(found["docno"]), self.index.search(next(iter(self.judged.values())), k=3).ids)

    @needs("beir")
    def test_beir(self):
        from beir.retrieval.evaluation import EvaluateRetrieval

        from apus.adapters.beir import Search

        for search in (Search(self.index), Search(build={"model": "none"})):
            evaluation = EvaluateRetrieval(search, k_values=[10, 100])
            results = evaluation.retrieve(self.corpus, self.judged)
            ndcg, ap, recall, _ = evaluation.evaluate(self.qrels, results, [10, 100])
            # beir rounds to five places.
            self.assertAlmostEqual(ndcg["NDCG@10"], self.expected["nDCG@10"], places=5)
            self.assertAlmostEqual(recall["Recall@100"], self.expected["R@100"], places=5)

    @needs("mteb")
    def test_mteb(self):
        from apus.adapters.mteb import Search

        search = Search(build={"model": "none"})
        search.index([{"id": id, **one} for id, one in self.corpus.items()])
        queries = [{"id": id, "text": text} for id, text in self.judged.items()]
        run = search.search(queries, top_k=100)
        self.assertEqual(apus.evaluate(self.qrels, run, "nDCG@10 AP R@100"), self.expected)
        query = queries[0]["id"]
        some = list(run[query])[:3]
        again = search.search(queries[:1], top_k=2, top_ranked={query: some + ["nobody"]})
        self.assertEqual(again, {query: {id: run[query][id] for id in some}})
        self.assertEqual(search.mteb_model_meta.name, "apus/hybrid")

    @needs("ranx")
    def test_ranx(self):
        import ranx

        run = self.index.batch_search(self.judged, k=100)
        found = ranx.evaluate(ranx.Qrels(self.qrels), run.ranx(), ["ndcg@10", "map", "recall@100"], make_comparable=True)
        self.assertAlmostEqual(found["ndcg@10"], self.expected["nDCG@10"], places=6)
        self.assertAlmostEqual(found["map"], self.expected["AP"], places=6)

    @needs("ir_measures")
    def test_ir_measures(self):
        import ir_measures

        run = self.index.batch_search(self.judged, k=100)
        qrels = [ir_measures.Qrel(query, id, grade) for query, own in self.qrels.items() for id, grade in own.items()]
        measures = [ir_measures.nDCG @ 10, ir_measures.AP, ir_measures.R @ 100]
        found = ir_measures.calc_aggregate(measures, qrels, run.ir_measures())
        for measure in measures:
            self.assertAlmostEqual(found[measure], self.expected[str(measure)], places=12)
        self.assertEqual(apus.evaluate(qrels, run.ir_measures(), measures), self.expected)


class SentenceTransformersTest(IndexTest):
    @needs("sentence_transformers", "torch")
    def test_vectors_of_a_sparse_encoder_go_in(self):
        from sentence_transformers import SparseEncoder

        root = os.environ.get("APUS_ROOT", os.path.join(os.path.dirname(__file__), "../../.."))
        folder = os.path.join(root, "Tests/Fixtures/LearnedEncoder/bert-max")
        model = SparseEncoder(folder, device="cpu")
        texts = ["stars shine by fusion", "bread rises", "the moon"]
        for vectors in (model.encode_document(texts), model.encode_document(texts, convert_to_sparse_tensor=False)):
            index = apus.Index.build(
                self.path(), [(f"d{n}", text) for n, text in enumerate(texts)], vectors=vectors,
                vocabulary=model.tokenizer.get_vocab(), existing="replace")
            own = apus.Encoder(folder).encode(texts)
            np.testing.assert_allclose(
                own.toarray(), np.asarray(vectors.to_dense() if vectors.is_sparse else vectors), atol=1e-4)
            query = model.encode_query("stars shine by fusion")
            hits = index.batch_search(
                [""], vectors=query.unsqueeze(0) if query.dim() == 1 else query, vocabulary=model.tokenizer.get_vocab(), mode="splade")
            dense = query.to_dense() if query.is_sparse else query
            expected = own.toarray() @ np.asarray(dense).reshape(-1)
            found = {id: score for id, score in zip(hits.ids[0], hits.scores[0])}
            for place, score in enumerate(expected):
                self.assertAlmostEqual(found[f"d{place}"] / score, 1, delta=0.05)


if __name__ == "__main__":
    unittest.main()
