import LearnedEncoder

/// Loads a model out of an input and encodes texts with it.
enum CheckpointFuzzing {
    static func run(_ input: [UInt8]) -> Bool {
        FuzzBundle(input).withMappedFiles { files in
            let model = ModelFiles(name: "fuzz", files: files)
            for precision in [Precision.f32, .bf16, .int8] {
                guard let encoder = try? SparseEncoder(model, maximumLength: nil, precision: precision) else {
                    return false
                }
                check(encoder)
                _ = try? encoder.inspect(model)
            }
            return true
        }
    }

    private static func check(_ encoder: SparseEncoder) {
        guard let vectors = try? encoder.encodeDocuments(FuzzTarget.texts, threads: 1) else { return }
        precondition(vectors.count == FuzzTarget.texts.count, "one vector per text")
        for vector in vectors { check(vector, encoder) }
        for side in encoder.description.querySides {
            if let vector = try? encoder.encodeQuery(FuzzTarget.texts[3], side: side) { check(vector, encoder) }
        }
        precondition(encoder.typedTerms(FuzzTarget.texts[3]).allSatisfy { Int($0) < encoder.vocabulary.count })
    }

    private static func check(_ vector: SparseVector, _ encoder: SparseEncoder) {
        precondition(vector.terms.count == vector.weights.count, "one weight per term")
        precondition(zip(vector.terms, vector.terms.dropFirst()).allSatisfy { $0 < $1 }, "terms ascend")
        precondition(vector.terms.allSatisfy { Int($0) < encoder.vocabulary.count }, "terms are in the vocabulary")
        precondition(vector.weights.allSatisfy { $0 > 0 }, "weights are positive, never NaN")
    }
}
