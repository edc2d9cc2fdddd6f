public import CorpusFormats
import Foundation
public import InvertedIndex
public import LearnedEncoder
public import TextAnalysis

/// Builds an index from documents: read, analyse, encode, store, commit.
///
///     var builder = IndexBuilder(directory: "Indexes/mine")
///     builder.existing = .replace
///     builder.model = ModelChoice.none
///     let report = try await builder.build(from: ["corpus.jsonl"])
///     print(report.added, "documents in", report.seconds, "seconds")
///
/// The index is committed every minute while it grows, so that a killed build leaves an index that opens and can be
/// resumed. One that replaces another is committed at the end: whatever goes wrong before leaves the old one as it was.
public struct IndexBuilder: Sendable {
    /// What to do about an index that is there already.
    public enum Existing: Sendable {
        /// Refuse.
        case refuse
        /// Add documents; a known id is an error.
        case append
        /// Add documents; known ids are skipped.
        case resume
        /// Add documents; one with a known id takes the old one's place.
        case update
        /// Build anew; the old index answers until the new one is whole.
        case replace
    }

    /// Where the index goes.
    public var directory: String
    /// What to do about an index that is there already.
    public var existing = Existing.refuse
    /// Whether there must be an index already.
    public var requiresIndex = false
    /// The encoder; nil takes the index's own when it exists, else the bundled one.
    public var model: ModelChoice?
    /// The encoder's arithmetic; nil takes the index's own when it exists, else `Precision.automatic`.
    public var precision: Precision?
    /// Tokens per document that the encoder reads; nil takes the model's own limit.
    public var maximumLength: Int?
    /// Word analysis; nil takes the index's own when it exists, else English.
    public var analyzer: Analyzer.Name?
    /// Threads for analysis and encoding.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    /// Whether the input is vectors that some encoder computed before, `{"id", "contents"?, "vector": {term: weight}}`.
    public var importsVectors = false
    /// Names of terms that files of vectors tell by numbers.
    public var vocabulary: VectorVocabulary?
    /// The ids of the rows of a matrix of vectors.
    public var rowIDs: [String]?
    /// Whether similar documents become neighbours in the finished index: smaller and faster, at the cost of a last pass.
    public var reorders = true
    /// Which of a document's learned terms are kept; empty for all of them, or for what the index was begun with.
    public var pruning = StaticPruning()
    /// What the learned field spends on an impact; nil takes the index's own when it exists, else `IndexProfile.standard`.
    public var profile: IndexProfile?
    /// Whether learned vectors are stored as such too, which feedback reads; nil does what the index was begun with.
    public var storesVectors: Bool?
    /// The power of idf that multiplies the weights of learned queries, 0…2; nil takes the index's own when it exists, else
    /// ``Weighting/bundledIDFPower`` with a bundled model and 0 with another one and with imported vectors.
    public var idfPower: Double?
    /// The power to which the L2 norms of document vectors are evened out, 0…1; nil takes the index's own when it exists, else
    /// ``Weighting/bundledNormPower`` with a bundled model and 0 with another one and with imported vectors.
    public var normPower: Double?
    /// Impact per unit of learned weight; nil chooses it from the first `IndexWriter.scaleSample` documents. Parts of a collection
    /// that are built apart, to be joined or searched together, agree on one first.
    public var learnedScale: Float?
    /// The mean L2 norm of document vectors for ``normPower``; nil finds it in the same documents. Agreed on likewise.
    public var meanNorm: Double?
    /// BM25's parameters for searches that ask for none; nil takes the index's own when it exists, else `BM25Parameters()`.
    public var k1: Float?
    /// As ``k1``.
    public var b: Float?
    /// What the learned weights of a title's own terms are raised by, 0…10; nil takes the index's own when it exists, else
    /// ``Weighting/bundledTitleBoost`` with a bundled model and 0 with another one and with imported vectors.
    public var titleBoost: Double?
    /// How often BM25 counts the words of a title, 1…100; nil takes the index's own when it exists, else ``Weighting/titleWeight``.
    public var titleWeight: Int?
    /// How texts longer than a passage are split; nil truncates them, or does what the index was begun with.
    public var passages: PassageSplit?
    /// The fields of the metadata that filters shall find without reading every document; nil for what the index was begun with.
    public var filterable: [MetadataPath]?
    /// Input format; nil detects it.
    public var format: CorpusFormat?
    /// How folders of documents are read; the index itself is passed over.
    public var folders = FolderOptions()
    /// Memory that the process may take beside the model, in bytes: when buffered documents become a segment, how many are read at
    /// once, how many change places with each other, and how many can be joined into one segment (about 80 bytes for each) follows
    /// from it.
    public var memory = 1 << 30
    /// The least that a build can do with.
    public static let leastMemory = 128 << 20
    /// Documents per batch.
    public var batchSize = 512
    /// Time between the commits of a growing index; of a new one with a model from its `IndexWriter.scaleSample`th document on.
    public var commitInterval: Duration = .seconds(60)

    /// A builder for `directory`.
    public init(directory: String) { self.directory = directory }

    /// Asks for the memory that a build takes, before there are threads: without room for one, nothing goes on at all.
    /// - Throws: ``ApusError/outOfMemory(needed:left:)`` when a limit on the address space leaves less.
    public func requireMemory() throws {
        let encodes = model != ModelChoice.none && !importsVectors
        try AddressSpace.require(AddressSpace.building + (encodes ? AddressSpace.encoding : 0))
    }

    /// Indexes the documents of `paths` in order.
    ///
    /// The write lock comes first and is held to the end, so that what the build knows of the index stays true, however long
    /// the model loads or the input is silent.
    /// - Parameters:
    ///   - paths: Files and folders; `-` is standard input.
    ///   - progress: Called after each batch.
    ///   - isCancelled: Asked between batches; when true, what was read so far is committed and the report says so
    ///     (nothing is committed when the build replaces an index).
    /// - Throws: ``ApusError``, `FormatError`, `EncoderError`, `IndexError`, `StorageError`, ``PartlyBuilt``.
    public func build(
        from paths: [String], progress: (BuildProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) async throws -> BuildReport {
        let plan = try BuildPlan(self)
        var folders = folders
        folders.excluded.append(directory)
        let inputs = try paths.map { path in
            (
                path: path,
                reader: importsVectors
                    ? InputReader.vectors(try VectorReader(path: path, vocabulary: vocabulary, ids: rowIDs))
                    : .texts(try CorpusReader(path: path, format: format, options: folders))
            )
        }
        var session = try BuildSession(self, plan)
        return try await session.run(inputs, progress, isCancelled)
    }

    /// Indexes documents that the program has itself; with ``importsVectors`` each brings its vector.
    ///
    /// What the feed throws ends the build; what was committed before then stays, which is nothing where ``commitInterval`` is longer than
    /// the build.
    /// - Throws: As ``build(from:progress:isCancelled:)``, and what the feed throws.
    public func build(
        from feed: DocumentFeed, progress: (BuildProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) async throws -> BuildReport {
        var session = try BuildSession(self, try BuildPlan(self))
        return try await session.run([(feed.name, .feed(feed))], progress, isCancelled)
    }
}
