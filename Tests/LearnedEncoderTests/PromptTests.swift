import Foundation
import Testing

@testable import LearnedEncoder

/// Prompts stand before each text, as `encode_query` and `encode_document` of sentence-transformers 6.2.0 put them there
/// (sparse_encoder/model.py).
@Suite struct PromptTests {
    private static func load(_ copy: BadModelTests.Copy, _ config: String) throws -> SparseEncoder {
        try copy.write("config_sentence_transformers.json", Data(config.utf8))
        return try SparseEncoder(ModelFiles(folder: copy.folder))
    }

    @Test(arguments: ["bert-max", "router-encoders", "router-table"])
    func aPromptIsReadWithTheText(name: String) throws {
        let copy = try BadModelTests.Copy(of: name)
        let plain = try SparseEncoder(ModelFiles(folder: copy.folder))
        let prompted = try Self.load(
            copy, #"{"prompts": {"query": "red ", "document": "water "}, "default_prompt_name": null}"#)
        #expect(
            try prompted.encodeDocuments(["cat", "a mat"], threads: 1)
                == plain.encodeDocuments(["water cat", "water a mat"], threads: 1))
        let split = try plain.checked(PassageSplit(length: 8))
        #expect(
            try prompted.encodeDocuments(["a cat sat on the mat"], passages: split, threads: 1)
                == plain.encodeDocuments(["water a cat sat on the mat"], passages: split, threads: 1))
        for side in plain.description.querySides {
            #expect(try prompted.encodeQuery("cat", side: side) == plain.encodeQuery("red cat", side: side), "\(side)")
            #expect(try prompted.encodeQuery("cat", side: side) != plain.encodeQuery("cat", side: side), "\(side)")
        }
        // What was typed is what was typed.
        #expect(prompted.typedTerms("cat") == plain.typedTerms("cat"))
        let (old, new) = (plain.description.identity, prompted.description.identity)
        #expect(new.hasPrefix(old + "+prompts-"))
    }

    @Test(arguments: [
        (#"{"prompts": {"query": "q: ", "passage": "p: "}}"#, "q: ", "p: ", 0),
        (#"{"prompts": {"corpus": "c: ", "passage": "p: "}}"#, "", "p: ", 1),
        (#"{"prompts": {"corpus": "c: "}}"#, "", "c: ", 0),
        (#"{"prompts": {"passage": "p: ", "document": ""}}"#, "", "", 1),
        (#"{"prompts": {"query": null, "document": "d: "}}"#, "", "d: ", 0),
        (#"{"prompts": {"web": "w: "}, "default_prompt_name": "web"}"#, "", "", 2),
        (#"{"prompts": {"query": "q: "}, "default_prompt_name": "query"}"#, "q: ", "", 0),
        (#"{"prompts": {}, "default_prompt_name": null}"#, "", "", 0), (#"{"__version__": {}}"#, "", "", 0),
    ])
    func theFirstKnownNameIsChosen(config: String, query: String, document: String, unused: Int) throws {
        let copy = try BadModelTests.Copy()
        let plain = try SparseEncoder(ModelFiles(folder: copy.folder)).description.identity
        let encoder = try Self.load(copy, config)
        #expect(encoder.prompts.query == query && encoder.prompts.document == document)
        let inspection = try encoder.inspect(ModelFiles(folder: copy.folder))
        #expect(inspection.prompts == encoder.prompts)
        #expect(inspection.notUnderstood.count { $0.contains("prompt") } == unused)
        #expect((encoder.description.identity == plain) == (query + document).isEmpty)
    }

    @Test(arguments: [
        #"{"prompts": ["a"]}"#, #"{"prompts": {"query": 1}}"#,
        #"{"prompts": {"query": "x"}, "default_prompt_name": "y"}"#, "[1]", "",
    ])
    func whatIsNoPromptIsRefused(config: String) throws {
        let copy = try BadModelTests.Copy()
        try copy.write("config_sentence_transformers.json", Data(config.utf8))
        #expect(copy.message()?.contains("config_sentence_transformers.json") == true)
    }

    /// A SparseStaticEmbedding has a tokenizer of its own (sentence-transformers 6.2.0, sparse_static_embedding.py).
    @Test func aQueryTableCutsWithItsOwnTokenizer() throws {
        let copy = try BadModelTests.Copy(of: "router-table")
        let plain = try SparseEncoder(ModelFiles(folder: copy.folder))
        try copy.edit("query_0_SparseStaticEmbedding/tokenizer_config.json", ["do_lower_case": false])
        let cased = try SparseEncoder(ModelFiles(folder: copy.folder))
        #expect(try cased.encodeDocuments(["CAT"], threads: 1) == plain.encodeDocuments(["CAT"], threads: 1))
        #expect(
            try cased.encodeQuery("cat", side: .inferenceFree) == plain.encodeQuery("cat", side: .inferenceFree))
        #expect(
            try cased.encodeQuery("CAT", side: .inferenceFree) != plain.encodeQuery("CAT", side: .inferenceFree))
        #expect(cased.description.identity != plain.description.identity)
    }

    @Test func aQuerySaysOnEachSideWhetherItWasCut() throws {
        let copy = try BadModelTests.Copy()
        try copy.write("apus.json", Data(#"{"blended_query": {"table_share": 0.3, "most_terms": 30}}"#.utf8))
        let encoder = try SparseEncoder(ModelFiles(folder: copy.folder))
        let long = String(repeating: "cat ", count: 200) + "water"
        #expect(try encoder.encodeQuery(long, side: .siamese).isTruncated)
        #expect(try encoder.encodeQuery(long, side: .blended).isTruncated)
        // A table reads every token: the last word has its weight.
        let table = try encoder.encodeQuery(long, side: .inferenceFree)
        let short = try encoder.encodeQuery("cat water", side: .inferenceFree)
        #expect(!table.isTruncated && table == short)
        for side in encoder.description.querySides {
            #expect(try !encoder.encodeQuery("cat", side: side).isTruncated)
        }
        let router = try SparseEncoder(ModelFiles(folder: Fixture.folder("router-encoders")))
        #expect(try router.encodeQuery(long, side: .siamese).isTruncated)
    }
}
