import RetrievalEvaluation
import Testing

@Suite struct MeasureParsingTests {
    @Test(arguments: [
        ("nDCG@10", "nDCG@10"), ("ndcg@10", "nDCG@10"), ("NDCG@10", "nDCG@10"), ("ndcg_cut_10", "nDCG@10"),
        ("ndcg_cut.10", "nDCG@10"), ("ndcg", "nDCG"), ("nDCG(cutoff=10)", "nDCG@10"),
        ("nDCG(dcg='exp-log2')@10", "nDCG(dcg='exp-log2')@10"),
        ("nDCG(dcg=\"exp-log2\")@10", "nDCG(dcg='exp-log2')@10"),
        ("nDCG(dcg='log2')@10", "nDCG@10"), ("ndcg_burges@10", "nDCG(dcg='exp-log2')@10"),
        ("recip_rank", "RR"), ("mrr@10", "RR@10"), ("MRR", "RR"), ("RR@10", "RR@10"), ("RR(rel=2)@10", "RR(rel=2)@10"),
        ("recall_1000", "R@1000"), ("recall.100", "R@100"), ("recall@1000", "R@1000"), ("Recall@5", "R@5"),
        ("R@20", "R@20"),
        ("map", "AP"), ("MAP", "AP"), ("map_cut_100", "AP@100"), ("map@100", "AP@100"), ("AP(rel=2)@7", "AP(rel=2)@7"),
        ("P_5", "P@5"), ("P.5", "P@5"), ("precision@5", "P@5"), ("P(rel=2)@5", "P(rel=2)@5"), ("P( rel = 1 )@5", "P@5"),
        ("success_5", "Success@5"), ("hit_rate@5", "Success@5"), ("Success@5", "Success@5"), ("Judged@10", "Judged@10"),
        ("Rprec", "Rprec"), ("r-precision", "Rprec"), ("RPrec", "Rprec"), ("bpref", "Bpref"), ("BPref", "Bpref"),
        ("RBP", "RBP(p=0.8)"), ("RBP(p=0.8)", "RBP(p=0.8)"), ("RBP(p=0.5)@20", "RBP(p=0.5)@20"),
        ("rbp.95", "RBP(p=0.95)"),
        ("RBP(rel=2,p=0.9)", "RBP(rel=2,p=0.9)"), ("ERR@20", "ERR@20"), ("err", "ERR"),
        ("num_ret", "NumRet"), ("num_rel", "NumRel"), ("num_q", "NumQ"), ("num_rel_ret", "NumRet(rel=1)"),
        ("NumRelRet", "NumRet(rel=1)"), ("NumRet(rel=1)", "NumRet(rel=1)"), ("NumRel(rel=2)", "NumRel(rel=2)"),
    ])
    func aliasesMeanTheSameMeasure(text: String, name: String) throws {
        let measure = try Measure(parsing: text)
        #expect(measure.name == name)
        let again = try Measure(parsing: measure.name)
        #expect(again == measure)
    }

    @Test(arguments: ["nDGC@10", "", "@10", "ndcg_cut_x", "P_", "foo(p=1)", "map_cut_5_5"])
    func unknownNamesAreRefused(text: String) {
        #expect(throws: EvaluationError.unknownMeasure(text)) { _ = try Measure(parsing: text) }
    }

    @Test(arguments: [
        "nDCG@0", "nDCG@-1", "nDCG@x", "P", "R", "Success", "P(rel=x)@5", "P(rel=-1)@5", "P(rel)@5", "P(rel=2@5",
        "AP(p=0.5)",
        "RBP(p=1)", "RBP(p=0)", "RBP(p=nan)", "nDCG(dcg='ln')@5", "nDCG(rel=2)@5", "Rprec@5", "NumQ@5", "Bpref@3",
        "P_0",
    ])
    func impossibleParametersAreRefused(text: String) throws {
        let error = #expect(throws: EvaluationError.self) { _ = try Measure(parsing: text) }
        guard case .badParameter(let measure, let detail) = error else {
            Issue.record("\(text): \(String(describing: error))")
            return
        }
        #expect(measure == text)
        #expect(!detail.isEmpty)
    }

    @Test func aListIsOneQuotedString() throws {
        let measures = try Measure.list(parsing: " nDCG@10, RR@10 R@1000\tAP,P(rel=2)@5 RBP(rel=1, p=0.8) ndcg_cut_10 ")
        #expect(measures.map(\.name) == ["nDCG@10", "RR@10", "R@1000", "AP", "P(rel=2)@5", "RBP(p=0.8)"])
        #expect(throws: EvaluationError.noMeasure) { _ = try Measure.list(parsing: " , ") }
    }
}
