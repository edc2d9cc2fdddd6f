import ApusTestSupport
import Foundation
import Testing

@testable import SparseEncoder

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
        #expect(paths == [copy.folder + "/" + PanelFile.name(precision, level: fresh.documents.transformer.level)])
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
        #expect(copy.message(precision: .f32)?.contains(".bias") == true)
    }
}
