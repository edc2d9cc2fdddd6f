import ApusTestSupport
import Foundation
import Testing

@testable import Apus

/// What is wrong with documents and queries is counted, with lines; sound ones are left alone. The right answers were counted by hand.
@Suite struct DoctorTextTests {
    private static let words =
        "Glaciers move because ice deforms under its own weight and slides over the bed that carries it"

    @Test func soundTextsHaveNoFault() throws {
        var files = try DoctorFiles()
        try files.add(
            "corpus.jsonl",
            [
                DoctorFiles.document("a", Self.words),
                DoctorFiles.document("b", "Coffee is a drink that many of us have at work"),
            ])
        try files.add("topics.tsv", ["q1\thow do glaciers move", "q2\tcoffee at work"])
        try files.add("qrels.txt", ["q1 0 a 1", "q1 0 b 0", "q2 0 b 2"])
        try files.add("good.run", ["q1 Q0 a 1 2.5 x", "q1 Q0 b 2 1.5 x", "q2 Q0 b 1 3 x", "q2 Q0 a 2 0.5 x"])
        let report = try files.report()
        #expect(report.complaints.isEmpty, "\(report.findings)")
        #expect(report.places.map(\.kind) == [.topics, .corpus, .qrels, .run])
        #expect(report.places.map(\.records) == [2, 2, 3, 4])
    }

    @Test func duplicateIDsNameBothLines() throws {
        var files = try DoctorFiles()
        try files.add(
            "corpus.jsonl",
            [
                DoctorFiles.document("a", "one red fox"), DoctorFiles.document("b", "two blue whales"),
                DoctorFiles.document("a", "three green frogs"),
            ])
        let finding = try files.report().finding("duplicate-ids")
        #expect(finding.severity == .fault)
        #expect(finding.count == 1)
        #expect(finding.examples == [.init(line: 3, id: "a", "the same id as line 1")])
    }

    @Test func duplicateTextsAreThoseOfTheSameBytes() throws {
        var files = try DoctorFiles()
        try files.add(
            "corpus.jsonl",
            [
                DoctorFiles.document("a", "one red fox"), DoctorFiles.document("b", "One red fox"),
                DoctorFiles.document("c", "one red fox"), DoctorFiles.document("d", "red fox", title: "one"),
                DoctorFiles.document("e", ""), DoctorFiles.document("f", ""),
            ])
        let report = try files.report()
        let finding = try report.finding("duplicate-texts")
        // A title and a text are one field: d is the text of a, too. Empty ones are counted as empty.
        #expect(finding.examples.map(\.id) == ["c", "d"])
        #expect(finding.examples.first?.detail == "the same text as line 1")
        let empty = try report.finding("empty-texts")
        #expect(empty.examples.map(\.line) == [5, 6])
        #expect(empty.severity == .warning)
    }

    /// Every pair of texts compared by sets of words, which is what sketches stand for.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func nearDuplicatesAreThoseOfComparingAllPairs(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var texts: [[Int]] = []
        for _ in 0..<150 {
            let fresh = (0..<50).map { _ in Int.random(in: 0..<400, using: &random) }
            texts.append(fresh)
            // Copies with one to eight words changed lie on both sides of the threshold.
            for changes in 0..<Int.random(in: 0..<3, using: &random) {
                var copy = fresh
                for _ in 0...changes * 4 {
                    let place = Int.random(in: 0..<50, using: &random)
                    copy[place] = (fresh[place] + Int.random(in: 1..<400, using: &random)) % 400
                }
                texts.append(copy)
            }
        }
        var files = try DoctorFiles()
        try files.add(
            "corpus.jsonl",
            texts.enumerated().map { DoctorFiles.document("d\($0)", $1.map { "w\($0)" }.joined(separator: " ")) })
        let triples = texts.map { text in Set((0..<48).map { Array(text[$0..<$0 + 3]) }) }
        var groups = DisjointSets()
        var joined = 0
        for second in texts.indices {
            for first in 0..<second where texts[first] != texts[second] {
                let both = triples[first].intersection(triples[second]).count
                let all = triples[first].count + triples[second].count - both
                if Double(both) / Double(all) >= 0.8, groups.join(first, second) { joined += 1 }
            }
        }
        try #require(joined > 20)
        let finding = try files.report().finding("near-duplicates")
        #expect(finding.count == joined)
        #expect(finding.summary.contains("in \(groups.count) groups"), "\(finding.summary)")
    }

    @Test func damageIsToldByKind() throws {
        var files = try DoctorFiles()
        try files.add(
            "corpus.jsonl",
            [
                DoctorFiles.document(
                    "sound", "Ångström, naïve façade: «ÄÖÜ» – “ABBÄ” sä…” São Paulo, 20 °C, 5 £ & R&D <5 >3"),
                DoctorFiles.document("replaced", "caf\u{FFFD} and caf\u{FFFD}"),
                DoctorFiles.document("mojibake", "cafÃ© and donâ€™t and Ð¿Ñ€Ð¸Ð²ÐµÑ‚"),
                DoctorFiles.document("control", "a \\u0007 bell and \u{0086} more"),
                DoctorFiles.document("markup", "fish &amp; chips<br>and &#39;peas&#39;"),
            ])
        let report = try files.report()
        for (check, id, count) in [
            ("replacement-characters", "replaced", 2), ("mojibake", "mojibake", 8),
            ("control-characters", "control", 2),
            ("left-markup", "markup", 4),
        ] {
            let finding = try report.finding(check)
            #expect(finding.examples.map(\.id) == [id], "\(check)")
            #expect(finding.count == 1)
            #expect(finding.summary.contains("\(count) in all"), "\(finding.summary)")
        }
    }

    @Test(arguments: [
        ("English", "The cat sat on the mat and it was not at all happy with that"),
        ("German", "Die Katze sitzt auf der Matte und ist mit dem Futter nicht zufrieden"),
        ("French", "Le chat est sur la table et il ne veut pas que les souris soient dans la cuisine"),
        ("Spanish", "El gato está en la mesa y no quiere que los ratones se coman el queso del plato"),
        ("Italian", "Il gatto è sul tavolo e non vuole che i topi della casa mangino il formaggio"),
        ("Dutch", "De kat zit op het tapijt en is niet blij met de muizen die er zijn"),
        ("Polish", "Kot siedzi na stole i nie chce się ruszyć, bo jest mu tam dobrze"),
        ("Russian", "Кошка сидит на столе и не хочет, что бы его увидели, как это было"),
        ("Japanese", "猫がテーブルの上に座っています"), ("Chinese", "猫坐在桌子上"), ("Korean", "고양이가 탁자 위에 앉아 있다"),
        ("Greek", "Η γάτα κάθεται στο τραπέζι"), ("Arabic script", "القطة تجلس على الطاولة"),
    ])
    func languagesAreTold(language: String, text: String) {
        #expect(LanguageGuess.language(of: WordHashes(text)) == language)
    }

    @Test func aTextThatSaysTooLittleHasNoLanguage() {
        for text in ["", "42", "Newton Principia", "glacier creep rheology"] {
            #expect(LanguageGuess.language(of: WordHashes(text)) == nil, "\(text)")
        }
    }

    @Test func anotherLanguageThanTheIndexesIsAWarning() async throws {
        let directory = try TestPaths.temporaryDirectory()
        var files = try DoctorFiles()
        try files.add(
            "corpus.jsonl",
            (0..<30).map {
                DoctorFiles.document(
                    "d\($0)", "Die Katze \($0) sitzt auf der Matte und ist mit dem Futter nicht zufrieden")
            })
        var builder = IndexBuilder(directory: directory + "/index")
        builder.model = ModelChoice.none
        _ = try await builder.build(from: [files.folder + "/corpus.jsonl"])
        try files.add(index: directory + "/index")
        let finding = try files.report().finding("languages")
        #expect(finding.severity == .warning)
        #expect(finding.summary.contains("German 100 %"), "\(finding.summary)")
        #expect(finding.fix?.contains("--analyzer german") == true, "\(finding.fix ?? "")")
    }

    @Test func linesThatCannotBeReadAreCountedAndTheRestIsRead() throws {
        var files = try DoctorFiles()
        let lines = [
            Array(DoctorFiles.document("a", "one red fox").utf8), Array("{\"_id\": \"b\", ".utf8),
            Array(DoctorFiles.document("c", "caf").utf8.dropLast(2)) + [0xE9, 0x22, 0x7D],
            Array(DoctorFiles.document("d e", "two").utf8), Array(DoctorFiles.document("f", "three").utf8),
        ]
        try files.add("corpus.jsonl", bytes: lines.flatMap { $0 + [0x0A] })
        let report = try files.report()
        let finding = try report.finding("malformed-lines")
        #expect(finding.examples.map(\.line) == [2, 3, 4])
        #expect(finding.severity == .fault)
        #expect(report.places.map(\.records) == [2])
        // The same lines refuse the file elsewhere.
        let reader = try CorpusReader(path: files.folder + "/corpus.jsonl")
        #expect(try reader.next()?.id == "a")
        #expect(throws: FormatError.self) { try reader.next() }
    }

    @Test func aFileThatEndsEarlyIsAFaultAndNotAnError() throws {
        var files = try DoctorFiles()
        try files.add("a.trec", ["<DOC><DOCNO>1</DOCNO><TEXT>one</TEXT></DOC>", "<DOC><DOCNO>2</DOCNO><TEXT>two"])
        let report = try files.report()
        let finding = try report.finding("unreadable")
        #expect(finding.severity == .fault)
        #expect(finding.summary.contains("line 2: the file ends before </DOC>"), "\(finding.summary)")
        #expect(report.places.map(\.records) == [1])
    }

    @Test func queriesThatAreDocumentsAreTold() throws {
        var files = try DoctorFiles()
        try files.add(
            "corpus.jsonl",
            [
                DoctorFiles.document("q1", "Why is the sky blue?", title: "Sky"),
                DoctorFiles.document("b", "what is rain"),
                DoctorFiles.document("q3", "something else"),
            ])
        try files.add("topics.tsv", ["q1\twhy is the sky blue", "q2\tWhat is rain?", "q3\tnothing of it"])
        let report = try files.report()
        let same = try report.finding("queries-are-documents")
        #expect(same.examples == [.init(line: 1, id: "q1", "query 'q1' has its text and its id")])
        #expect(same.fix?.contains("--ignore-identical-ids") == true)
        let other = try report.finding("queries-have-a-documents-words")
        #expect(other.examples == [.init(line: 2, id: "b", "query 'q2' has its text")])
    }

    @Test func vectorsWithoutATermAreTold() throws {
        var files = try DoctorFiles()
        try files.add(
            "v.jsonl",
            [
                #"{"id": "a", "vector": {"fox": 1.5, "red": 0.5}}"#, #"{"id": "b", "vector": {}}"#,
                #"{"id": "c", "vector": {"x": 0}}"#,
            ])
        let report = try files.report()
        #expect(report.places.map(\.kind) == [.vectors])
        #expect(try report.finding("empty-vectors").examples.map(\.id) == ["b", "c"])
        #expect(report.complaints == ["empty-vectors"])
    }

    @Test func anIndexIsHeldAgainstItsCorpus() async throws {
        var files = try DoctorFiles()
        let documents = (0..<6).map { DoctorFiles.document("d\($0)", "text number \($0)") }
        try files.add("corpus.jsonl", documents)
        let directory = files.folder + "/index"
        var builder = IndexBuilder(directory: directory)
        builder.model = ModelChoice.none
        _ = try await builder.build(from: [files.folder + "/corpus.jsonl"])
        // Now the corpus lost d0, changed d1 and got d6.
        var later = try DoctorFiles()
        try later.add(
            "corpus.jsonl",
            [DoctorFiles.document("d1", "another text")] + documents[2...] + [DoctorFiles.document("d6", "a new one")])
        try later.add(index: directory)
        let report = try later.report()
        #expect(try report.finding("not-indexed").examples.map(\.id) == ["d6"])
        #expect(try report.finding("indexed-otherwise").examples.map(\.id) == ["d1"])
        #expect(try report.finding("not-in-the-corpus").count == 1)
        try files.add(index: directory)
        #expect(try files.report().complaints.isEmpty)
        // Alone, its own texts are looked through.
        var alone = try DoctorFiles()
        try alone.add(index: directory)
        try alone.add("qrels.txt", ["q 0 d3 1", "q 0 d9 1"])
        #expect(
            try alone.report().finding("relevant-documents-missing").examples.first?.detail
                == "document 'd9' (grade 1) is not there")
    }
}
