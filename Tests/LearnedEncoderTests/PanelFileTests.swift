import ApusTestSupport
import FileStorage
import Foundation
import Testing

@testable import LearnedEncoder

/// Panels mapped from a file answer as those packed at loading do. Fixtures: Scripts/oracles/encoder-vectors and encoder-families.
@Suite struct PanelFileTests {
    private static let texts = ["a cat sat on the mat", "how do glaciers move", "x"]

    private static func load(_ copy: BadModelTests.Copy, _ precision: Precision) throws -> SparseEncoder {
        try SparseEncoder(ModelFiles(folder: copy.folder), precision: precision)
    }

    @Test(
        arguments: ["bert-max", "bert-sum-untied", "distilbert-max", "families/modernbert", "families/mistral-window"],
        [Precision.f32, .bf16, .int8])
    func mappedPanelsGiveTheSameVectors(name: String, precision: Precision) throws {
        let copy = try BadModelTests.Copy(of: name)
        let fresh = try Self.load(copy, precision)
        let expected = try fresh.encodeDocuments(Self.texts, threads: 1)
        #expect(fresh.documents.checkpoint.panels == nil)
        let paths = try fresh.writePanels(into: copy.folder)
        #expect(
            paths.map(\.path) == [
                copy.folder + "/" + PanelFile.name(precision, level: fresh.documents.transformer.level)
            ])
        let mapped = try Self.load(copy, precision)
        #expect(mapped.documents.checkpoint.panels != nil)
        #expect(try mapped.encodeDocuments(Self.texts, threads: 2) == expected)
        // Another precision does not use them.
        #expect(try Self.load(copy, precision == .f32 ? .int8 : .f32).documents.checkpoint.panels == nil)
    }

    @Test func panelsOfOtherWeightsAreLeftAlone() throws {
        let copy = try BadModelTests.Copy()
        _ = try Self.load(copy, .f32).writePanels(into: copy.folder)
        try copy.rewriteTensors { name, shape, bytes in
            (.f32, shape, name.hasSuffix("LayerNorm.bias") ? bytes.map { _ in 0 } : bytes)
        }
        #expect(try Self.load(copy, .f32).documents.checkpoint.panels == nil)
    }

    @Test func damagedPanelsAreRefused() throws {
        let copy = try BadModelTests.Copy()
        _ = try Self.load(copy, .f32).writePanels(into: copy.folder)
        let whole = try copy.read("apus.f32.panels")
        try copy.write("apus.f32.panels", whole.prefix(whole.count / 2))
        #expect(copy.message(precision: .f32)?.contains("apus.f32.panels") == true)
        // A bias of another length, the header's size kept.
        let text = String(decoding: whole, as: UTF8.self)
        #expect(text.contains("\"F32\""))
        var changed = whole
        let found = try #require(changed.range(of: Data(".bias\":{\"data_offsets\"".utf8)))
        changed.replaceSubrange(found, with: Data(".vias\":{\"data_offsets\"".utf8))
        try copy.write("apus.f32.panels", changed)
        #expect(copy.message(precision: .f32)?.contains("checksum") == true)
    }

    /// Whatever byte is changed, loading says so or the vectors are the same.
    @Test func aFlippedByteNeverGivesOtherVectors() throws {
        let copy = try BadModelTests.Copy(of: "families/mistral-window")
        _ = try Self.load(copy, .int8).writePanels(into: copy.folder)
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: copy.folder).first { $0.hasSuffix(".panels") })
        let whole = try copy.read(name)
        let header = 8 + whole.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let files = try ModelFiles(folder: copy.folder)
        let level = try KernelLevel.current()
        let weights = DeferredText(try WeightFile(files, folder: "").identity)
        var (silent, unused) = (0, 0)
        var changed = whole
        // Every byte of the header, and every third of the values, whose checksum is the same for all.
        for index in Array(0..<header) + Array(stride(from: header, to: whole.count, by: 3)) {
            changed[index] ^= 1 << UInt8(index % 8)
            try copy.write(name, changed)
            changed[index] = whole[index]
            do throws(EncoderError) {
                let found = try PanelFile(files, folder: "", precision: .int8, level: level, weights: weights)
                if found == nil { unused += 1 } else { silent += 1 }
            } catch {
                #expect(error.description.contains(name) && !error.description.contains("\n"))
            }
        }
        // Nothing was read but the padding between tensors of 64 bytes, which no layer looks at.
        #expect(unused == 0)
        let file = try SafetensorsFile(path: copy.folder + "/" + name)
        let used = file.tensors.values.reduce(0) { $0 + $1.count * $1.type.size }
        #expect(silent <= whole.count - header - used)
    }

    @Test func panelsWithoutAChecksumAreRefusedAndPackedAnew() throws {
        let copy = try BadModelTests.Copy()
        _ = try Self.load(copy, .f32).writePanels(into: copy.folder)
        let expected = try Self.load(copy, .f32).encodeDocuments(Self.texts, threads: 1)
        var whole = try copy.read("apus.f32.panels")
        let found = try #require(whole.range(of: Data("\"version\":\"2\"".utf8)))
        whole.replaceSubrange(found, with: Data("\"version\":\"1\"".utf8))
        try copy.write("apus.f32.panels", whole)
        let message = copy.message(precision: .f32) ?? "it loaded"
        #expect(message.contains("no checksum") && message.contains("apus model pack"), "\(message)")
        let fresh = try SparseEncoder(ModelFiles(folder: copy.folder), precision: .f32, usesPanels: false)
        _ = try fresh.writePanels(into: copy.folder)
        #expect(try Self.load(copy, .f32).encodeDocuments(Self.texts, threads: 1) == expected)
    }
}
