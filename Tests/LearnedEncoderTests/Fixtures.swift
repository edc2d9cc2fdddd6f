import ApusTestSupport
import CApusBundledModel
import FileStorage
import Foundation

@testable import LearnedEncoder

/// The files of Scripts/oracles/encoder-vectors and the embedded model.
enum Fixture {
    struct Expected: Decodable {
        let text: String
        let length: Int
        let ids: [Int32]
        let terms: [UInt32]
        let weights: [Float]
    }

    static let tinyModels = [
        "bert-max", "bert-sum-untied", "bert-f16-relu", "distilbert-max", "distilbert-bf16-double-log",
    ]

    static func folder(_ name: String) -> String { TestPaths.fixtures + "/LearnedEncoder/" + name }

    static func expected(_ path: String) throws -> [Expected] {
        let data = try Data(contentsOf: URL(fileURLWithPath: TestPaths.fixtures + "/LearnedEncoder/" + path))
        return try JSONDecoder().decode([Expected].self, from: data)
    }

    /// The model that is part of the binary.
    static var embedded: ModelFiles {
        var count = 0
        return unsafe inMemory("apus-mini-pilot", apus_bundled_model(&count), count)
    }

    /// Its small sibling.
    static var tiny: ModelFiles {
        var count = 0
        return unsafe inMemory("apus-tiny", apus_tiny_model(&count), count)
    }

    private static func inMemory(_ model: String, _ files: UnsafePointer<apus_model_file>?, _ count: Int) -> ModelFiles
    {
        guard let files = unsafe files else { return ModelFiles(name: "none", files: [:]) }
        var table: [String: MappedBytes] = [:]
        for place in 0..<count {
            let file = unsafe files[place]
            let name = unsafe String(cString: file.name)
            table[name] = unsafe MappedBytes(
                unsafeStatic: UnsafeRawBufferPointer(start: file.bytes, count: file.count), name: "embedded/" + name)
        }
        return ModelFiles(name: model, files: table)
    }

    /// The largest difference of any weight, absent terms counting as 0.
    static func difference(_ a: (terms: [UInt32], weights: [Float]), _ b: (terms: [UInt32], weights: [Float]))
        -> Float
    {
        var weights = Dictionary(uniqueKeysWithValues: zip(a.terms, a.weights))
        for (term, weight) in zip(b.terms, b.weights) { weights[term, default: 0] -= weight }
        return weights.values.reduce(0) { max($0, abs($1)) }
    }

    static func cosine(_ a: (terms: [UInt32], weights: [Float]), _ b: (terms: [UInt32], weights: [Float])) -> Double {
        let left = Dictionary(uniqueKeysWithValues: zip(a.terms, a.weights))
        var product = 0.0
        for (term, weight) in zip(b.terms, b.weights) { product += Double(left[term] ?? 0) * Double(weight) }
        func norm(_ w: [Float]) -> Double { w.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }
        return product / (norm(a.weights) * norm(b.weights))
    }
}
