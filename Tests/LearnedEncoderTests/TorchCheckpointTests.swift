import ApusTestSupport
import FileStorage
import Foundation
import Testing

@testable import LearnedEncoder

/// `pytorch_model.bin` is read without executing anything. Fixture: Scripts/oracles/encoder-vectors.
@Suite struct TorchCheckpointTests {
    static let folder = Fixture.folder("bert-f16-relu")

    /// A model folder whose `pytorch_model.bin` holds these bytes.
    func message(_ weights: Data) throws -> String? {
        let copy = try BadModelTests.Copy(of: "bert-f16-relu")
        try copy.write("pytorch_model.bin", weights)
        defer { try? FileManager.default.removeItem(atPath: copy.folder) }
        return copy.message()
    }

    func original() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/pytorch_model.bin")) }

    @Test func itNamesEachTensorWithItsShape() throws {
        let tensors = try TorchCheckpoint.tensors(in: MappedBytes(path: Self.folder + "/pytorch_model.bin"))
        #expect(tensors["bert.embeddings.word_embeddings.weight"]?.label == "F16 [300, 32]")
        #expect(tensors["bert.encoder.layer.1.intermediate.dense.weight"]?.label == "F16 [72, 32]")
        #expect(tensors["cls.predictions.bias"]?.label == "F16 [300]")
    }

    @Test func truncatedArchivesAreRefused() throws {
        let whole = try original()
        for length in [0, 1, 21, 22, 100, whole.count / 2, whole.count - 1] {
            #expect(try message(whole.prefix(length))?.contains("pytorch_model.bin") == true, "\(length) bytes")
        }
    }

    @Test(arguments: [
        ("cos\nsystem\n(X\u{2}\u{0}\u{0}\u{0}lstR.", "os.system"),
        ("cbuiltins\neval\n.", "builtins.eval"),
        ("X\u{2}\u{0}\u{0}\u{0}osX\u{6}\u{0}\u{0}\u{0}system\u{93}.", "os.system"),
        ("i", "opcode"), ("R.", "empty stack"), ("u.", "no mark"), ("h\u{1}.", "never stored"), ("", "beyond"),
        ("X\u{7F}\u{7F}\u{7F}\u{7F}", "beyond"), ("K\u{1}.", "dictionary"), ("cos", "no end"),
        (")" + String(repeating: "(t", count: 10) + ".", "dictionary"),
    ])
    func aPickleThatIsNoDictionaryOfTensorsIsRefused(pickle: String, word: String) throws {
        let bytes = [UInt8](pickle.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        let text = try message(zip([("archive/data.pkl", bytes)])) ?? "it loaded"
        #expect(text.contains(word))
    }

    @Test func deepNestingIsRefused() throws {
        let bytes = [UInt8(ascii: ")")] + [UInt8](repeating: 0x85, count: 1_000_000) + [UInt8(ascii: ".")]
        #expect(try message(zip([("archive/data.pkl", bytes)]))?.contains("deeply") == true)
    }

    @Test func aListPutTogetherInMillionsOfStepsIsRefused() throws {
        let steps = (0..<20_000).flatMap { _ in Array("Na".utf8) }
        let bytes = Array("]".utf8) + steps + Array(".".utf8)
        #expect(try message(zip([("archive/data.pkl", bytes)]))?.contains("too many steps") == true)
    }

    @Test func mutatedArchivesNeverCrash() throws {
        let whole = try original()
        let path = try TestPaths.temporaryDirectory() + "/mutated"
        var random = SplitMix64(seed: 7)
        var refused = 0
        for _ in 0..<300 {
            var bytes = whole
            // The directory is at the end and the pickle at the start: most changes go there.
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let range =
                    Bool.random(using: &random) ? 0..<4_000 : (whole.count - 5_000)..<whole.count
                bytes[Int.random(in: range, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try bytes.write(to: URL(fileURLWithPath: path))
            do { _ = try TorchCheckpoint.tensors(in: MappedBytes(path: path)) } catch is EncoderError { refused += 1 }
        }
        #expect(refused > 10)
    }

    /// A zip archive of stored members.
    func zip(_ members: [(name: String, bytes: [UInt8])]) -> Data {
        func number(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, bytes) in members {
            let sizes = number(bytes.count, 4) + number(bytes.count, 4) + number(name.utf8.count, 2)
            directory += number(0x0201_4B50, 4) + number(0, 16) + sizes + number(0, 12) + number(file.count, 4)
            directory += Array(name.utf8)
            file += number(0x0403_4B50, 4) + number(0, 14) + sizes + number(0, 2) + Array(name.utf8) + bytes
        }
        let end =
            number(0x0605_4B50, 4) + number(0, 4) + number(members.count, 2) + number(members.count, 2)
            + number(directory.count, 4) + number(file.count, 4) + number(0, 2)
        return Data(file + directory + end)
    }
}
