import FileStorage
import Foundation
import Testing

@testable import LearnedEncoder

/// Tensors that are missing, of another shape or type, or hold no numbers.
extension BadModelTests {
    @Test(arguments: [
        "bert.embeddings.word_embeddings.weight", "bert.embeddings.token_type_embeddings.weight",
        "bert.encoder.layer.1.attention.self.key.bias", "bert.encoder.layer.0.output.LayerNorm.weight",
        "cls.predictions.transform.dense.weight", "cls.predictions.bias",
    ])
    func aMissingTensorIsNamed(name: String) throws {
        let copy = try Copy()
        try copy.rewriteTensors { found, shape, bytes in found == name ? nil : (.f32, shape, bytes) }
        expect(copy.message(), "no tensor named '\(name)'")
    }

    @Test(arguments: [
        "bert.embeddings.word_embeddings.weight", "bert.embeddings.position_embeddings.weight",
        "bert.encoder.layer.0.intermediate.dense.weight", "bert.encoder.layer.0.intermediate.dense.bias",
    ])
    func aTensorOfAnotherShapeIsNamed(name: String) throws {
        let copy = try Copy()
        try copy.rewriteTensors { found, shape, bytes in
            found == name ? (.f32, shape.reversed() + [1], bytes) : (.f32, shape, bytes)
        }
        expect(copy.message(), name, "F32")
    }

    @Test func aTensorOfAnotherTypeIsNamed() throws {
        let copy = try Copy()
        try copy.rewriteTensors { name, shape, bytes in
            (name == "cls.predictions.transform.dense.weight" ? .i32 : .f32, shape, bytes)
        }
        expect(copy.message(), "cls.predictions.transform.dense.weight", "I32")
    }

    @Test(
        arguments: [
            "bert.embeddings.word_embeddings.weight", "bert.embeddings.position_embeddings.weight",
            "bert.encoder.layer.1.attention.self.value.weight", "bert.encoder.layer.1.output.dense.bias",
        ], [Float.nan, -.infinity])
    func weightsThatAreNotFiniteAreNamed(name: String, value: Float) throws {
        let copy = try Copy()
        try copy.rewriteTensors { found, shape, bytes in
            var bytes = bytes
            if found == name {
                unsafe withUnsafeBytes(of: value) {
                    unsafe bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: $0)
                }
            }
            return (.f32, shape, bytes)
        }
        for precision in [Precision.f32, .int8] { expect(copy.message(precision: precision), name, "NaN") }
    }

    @Test func anEightBitMatrixNeedsItsScales() throws {
        let copy = try Copy()
        let name = "bert.encoder.layer.0.output.dense.weight"
        try copy.rewriteTensors { found, shape, bytes in
            found == name ? (.i8, shape, [UInt8](repeating: 1, count: bytes.count / 4)) : (.f32, shape, bytes)
        }
        expect(copy.message(), name + ".scale")
    }

    /// With bytes of up to 127 a scale of 1e37 would make weights that no float holds.
    @Test(arguments: [Float.nan, .infinity, 1e37])
    func eightBitScalesAreFiniteWithEveryByte(scale: Float) throws {
        let copy = try Copy()
        let name = "bert.encoder.layer.0.output.dense.weight"
        let rows = try #require(SafetensorsFile(path: copy.folder + "/model.safetensors").tensors[name]?.shape.first)
        let scales = [Float](repeating: 0.01, count: rows - 1) + [scale]
        try copy.rewriteTensors(adding: [(name + ".scale", [rows], scales)]) { found, shape, bytes in
            found == name ? (.i8, shape, [UInt8](repeating: 1, count: bytes.count / 4)) : (.f32, shape, bytes)
        }
        for precision in [Precision.f32, .int8] { expect(copy.message(precision: precision), name, "NaN") }
        try copy.rewriteTensors { found, shape, bytes in
            if found == name { return (.i8, shape, bytes) }
            return (.f32, shape, found == name + ".scale" ? Array(bytes.prefix(4)) + bytes.dropLast(4) : bytes)
        }
        #expect(copy.message() == nil)
    }

    @Test(arguments: ["families/unicoil", "families/csr-mean", "families/bge-m3"], [Float.nan, .infinity])
    func anEmbeddingThatIsNotFiniteIsNamedWhateverTheHead(name: String, value: Float) throws {
        let copy = try Copy(of: name)
        try copy.rewriteTensors { found, shape, bytes in
            var bytes = bytes
            if found.hasSuffix("word_embeddings.weight") {
                unsafe withUnsafeBytes(of: value) {
                    unsafe bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: $0)
                }
            }
            return (.f32, shape, bytes)
        }
        expect(copy.message(), "word_embeddings.weight", "NaN or infinity")
    }
}
