import ApusTestSupport
import FileStorage
import Foundation
import Testing
import TextAnalysis

@testable import LearnedEncoder

/// A model with the idf table of a few documents: the table is new, everything else is as it was.
@Suite struct QueryTableCopyTests {
    private let texts = ["cat mat", "cat cat water", "heart, light \"cat\"", "", "water"]

    /// Writes the copy and loads it.
    private func copy(_ files: ModelFiles) throws -> (old: SparseEncoder, new: SparseEncoder, folder: String) {
        let old = try SparseEncoder(files)
        var frequencies = TokenFrequencies()
        old.count(Array(texts.prefix(2)), into: &frequencies, threads: 1)
        old.count(Array(texts.dropFirst(2)), into: &frequencies, threads: 2)
        #expect(frequencies.documents == texts.count)
        let folder = try TestPaths.temporaryDirectory() + "/copy"
        try Directory.create(folder)
        try QueryTableCopy(files, old, idf: frequencies).write(to: folder)
        return (old, try SparseEncoder(ModelFiles(folder: folder)), folder)
    }

    /// The slow twin of the table.
    private func idf(_ id: UInt32, _ encoder: SparseEncoder) -> Float {
        let tokenizer = encoder.documents.tokenizer
        if tokenizer.specialIDs.contains(Int32(id)) { return 0 }
        let containing = texts.filter { text in
            tokenizer.encode(text, maximumLength: nil, addingSpecialTokens: false).ids.contains(Int32(id))
        }
        let (all, some) = (Double(texts.count), Double(containing.count))
        return Float(log(1 + (all - some + 0.5) / (some + 0.5)))
    }

    private func expectTable(_ encoder: SparseEncoder, _ query: String = "cat mat water heart , \" sun [SEP]") throws {
        let vector = try encoder.encodeQuery(query, side: .inferenceFree)
        let typed = encoder.typedTerms(query).filter { idf($0, encoder) > 0 }
        #expect(Set(vector.terms) == typed && !typed.isEmpty)
        for (term, weight) in zip(vector.terms, vector.weights) { #expect(abs(weight - idf(term, encoder)) < 1e-6) }
    }

    @Test(arguments: ["bert-max", "families/roberta-bf16", "families/mistral-echo", "families/unicoil"])
    func anIdfFileIsWritten(name: String) throws {
        let (old, new, folder) = try copy(ModelFiles(folder: Fixture.folder(name)))
        try expectTable(new)
        #expect(new.description.querySides == [.siamese, .inferenceFree])
        #expect(old.description.identity != new.description.identity, "an index notices")
        #expect(try new.encodeDocuments(texts, threads: 1) == old.encodeDocuments(texts, threads: 1))
        let table = try JSONDecoder().decode(
            [String: Float].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/idf.json")))
        #expect(table.count == new.vocabulary.indices.filter { idf(UInt32($0), new) > 0 }.count)
    }

    @Test func thePackedTableIsReplacedInPlace() throws {
        let (old, new, folder) = try copy(Fixture.embedded)
        try expectTable(new)
        #expect(old.description.identity != new.description.identity)
        #expect(try new.encodeDocuments(texts, threads: 1) == old.encodeDocuments(texts, threads: 1))
        let names = try ModelFiles(folder: folder).names()
        let expected = try Fixture.embedded.names().filter { $0 != WeightFile.identityName && !$0.hasSuffix(".panels") }
        #expect(names == expected && !names.contains("idf.json"))
        let first = try SafetensorsFile(bytes: Fixture.embedded.required("model.safetensors"))
        let tensor = try #require(first.tensors[InferenceFreeTable.tensorName])
        let before = Data(try Fixture.embedded.required("model.safetensors").copied())
        let after = Data(try ModelFiles(folder: folder).required("model.safetensors").copied())
        let table = tensor.offset..<tensor.offset + 4 * tensor.shape[0]
        #expect(before.count == after.count)
        #expect(before[..<table.lowerBound] == after[..<table.lowerBound])
        #expect(before[table.upperBound...] == after[table.upperBound...] && before[table] != after[table])
    }

    @Test func theTableOfARouterIsReplaced() throws {
        let (old, new, _) = try copy(ModelFiles(folder: Fixture.folder("router-table")))
        try expectTable(new)
        #expect(new.description.querySides == [.inferenceFree])
        #expect(old.description.identity != new.description.identity)
        #expect(try new.encodeDocuments(texts, threads: 1) == old.encodeDocuments(texts, threads: 1))
    }

    @Test(arguments: ["router-encoders", "families/csr-mean"])
    func aModelWithoutPlaceForATableIsRefused(name: String) throws {
        let files = try ModelFiles(folder: Fixture.folder(name))
        let encoder = try SparseEncoder(files)
        #expect(throws: EncoderError.self) { try QueryTableCopy(files, encoder, idf: TokenFrequencies()) }
    }
}
