import FileStorage
import InvertedIndex
import LearnedEncoder
import TextAnalysis

/// What a build will do, decided under the write lock: whether there is an index already, and with which settings it goes on.
struct BuildPlan {
    let lock: WriteLock
    let settings: IndexSettings
    let encoder: SparseEncoder?
    /// Impact per unit of learned weight in a new index; nil chooses it.
    let learnedScale: Float?
    /// How the norms of document vectors are evened out in a new index.
    let norms: VectorNorms?
    /// Whether the build adds to an index that is there.
    let isAdding: Bool
    /// Whether an index that is there goes when the new one is whole.
    let isReplacing: Bool
    /// What the builder should know and the build goes on with.
    var warnings: [String] = []

    /// Whether the index that is there was built to its end.
    var isComplete: Bool { !isWhole }

    /// Whether the build, when it ends, has made the whole index: a new one, or one whose first build was interrupted.
    let isWhole: Bool

    /// - Throws: ``ApusError``, `IndexError`, `EncoderError`.
    init(_ builder: IndexBuilder) throws {
        // Nothing is made where an index should be.
        if builder.requiresIndex, try IndexSnapshot.generations(in: builder.directory).isEmpty {
            throw IndexError.notAnIndex(path: builder.directory)
        }
        lock = try WriteLock(builder.directory)
        // Held only while the plan is made, or its commit would outlive the ones that follow.
        var old: IndexSnapshot?
        var replaces = false
        switch try lock.contents() {
        case .others: throw ApusError.notEmpty(path: builder.directory)
        case .nothing: break
        case .index:
            switch builder.existing {
            case .refuse: throw ApusError.indexExists(path: builder.directory)
            // It need not be readable: building anew is what one does with a damaged index.
            case .replace: replaces = true
            case .append, .resume, .update: old = try IndexSnapshot.open(builder.directory)
            }
        }
        (isAdding, isReplacing) = (old != nil, replaces)
        learnedScale = builder.learnedScale
        if let old {
            (settings, encoder) = try Self.goOn(builder, old)
            norms = old.norms
            isWhole = try !IndexSettings(of: old, directory: builder.directory).isComplete
            if let warning = settings.analyzerWarning(builder.directory) { warnings.append(warning) }
        } else {
            (settings, encoder) = try Self.begin(builder)
            let usual = settings.model.isBundled ? Weighting.bundledNormPower : 0
            let power = settings.model == .none ? 0 : builder.normPower ?? usual
            norms = power > 0 ? VectorNorms(power: power, mean: builder.meanNorm) : nil
            isWhole = true
        }
    }

    private static func begin(_ builder: IndexBuilder) throws -> (IndexSettings, SparseEncoder?) {
        let model = builder.importsVectors ? .vectors : builder.model ?? .bundled
        let encoder = try model.load(
            maximumLength: builder.maximumLength, precision: builder.precision ?? .automatic)
        var settings = IndexSettings(analyzer: builder.analyzer ?? .english, model: model, encoder: encoder)
        settings.precision = builder.precision ?? .automatic
        settings.pruning = builder.pruning
        settings.filterable = builder.filterable ?? []
        settings.passages = try builder.passages.flatMap { try encoder?.checked($0) }
        if model != .none {
            settings.idfPower = builder.idfPower ?? (model.isBundled ? Weighting.bundledIDFPower : 0)
        }
        settings.titleWeight = builder.titleWeight ?? Weighting.titleWeight
        settings.titleBoost = builder.titleBoost ?? (model.isBundled ? Weighting.bundledTitleBoost : 0)
        guard settings.titleBoost == 0 || encoder?.hasTokenTerms == true else {
            throw ApusError.noTitleTerms(model: encoder?.description.name ?? model.name)
        }
        settings.bm25 = BM25Parameters(k1: builder.k1 ?? settings.bm25.k1, b: builder.b ?? settings.bm25.b)
        return (settings, encoder)
    }

    private static func goOn(_ builder: IndexBuilder, _ old: IndexSnapshot) throws -> (IndexSettings, SparseEncoder?) {
        let directory = builder.directory
        var settings = try IndexSettings(of: old, directory: directory)
        let encoder = try (builder.model ?? settings.model).load(
            maximumLength: settings.maximumLength, precision: settings.precision)
        guard (encoder?.description.identity ?? "") == settings.modelIdentity else {
            throw ApusError.otherModel(
                index: directory, indexed: settings.modelName, found: encoder?.description.name ?? "none")
        }
        try keep("analyzer", settings.analyzer, asked: builder.analyzer, directory, \.rawValue)
        try keep("profile", old.profile, asked: builder.profile, directory, \.rawValue)
        guard builder.pruning.isEmpty || builder.pruning == settings.pruning else {
            throw ApusError.otherPruning(index: directory, indexed: settings.pruning, asked: builder.pruning)
        }
        let passages = try builder.passages.flatMap { try encoder?.checked($0) }
        try keep("passages", settings.passages, asked: passages, directory, \.description)
        try keep("precision", settings.precision, asked: builder.precision, directory, \.rawValue)
        try keep("idf-power", settings.idfPower, asked: builder.idfPower, directory, \.formatted)
        try keep("learned-scale", old.learnedScale, asked: builder.learnedScale, directory, \.description)
        try keep("mean-norm", old.norms?.mean, asked: builder.meanNorm, directory, \.description)
        try keep("norm-power", old.norms?.power ?? 0, asked: builder.normPower, directory, \.formatted)
        try keep("store-vectors", old.storesVectors, asked: builder.storesVectors, directory, \.description)
        try keep("k1", settings.bm25.k1, asked: builder.k1, directory, \.description)
        try keep("b", settings.bm25.b, asked: builder.b, directory, \.description)
        try keep("title-weight", settings.titleWeight, asked: builder.titleWeight, directory, \.description)
        try keep("title-boost", settings.titleBoost, asked: builder.titleBoost, directory, \.formatted)
        try keep("filterable", settings.filterable, asked: builder.filterable, directory) {
            $0.isEmpty ? "none" : $0.map(\.description).joined(separator: ",")
        }
        guard (settings.model == .vectors) == builder.importsVectors else {
            throw ApusError.otherModel(
                index: directory, indexed: settings.model.name, found: builder.importsVectors ? "vectors" : "texts")
        }
        settings.isComplete = false
        return (settings, encoder)
    }

    /// What an index was begun with stays; asking for nothing asks for that.
    private static func keep<Setting: Equatable>(
        _ name: String, _ indexed: Setting?, asked: Setting?, _ directory: String, _ label: (Setting) -> String
    ) throws {
        guard let asked, asked != indexed else { return }
        throw ApusError.otherSetting(
            index: directory, name: name, indexed: indexed.map(label) ?? "none", asked: label(asked))
    }

    /// The writer that does it.
    /// - Throws: `IndexError`.
    func writer(profile: IndexProfile?, storesVectors: Bool = false, memory: Int) throws -> IndexWriter {
        let vocabulary = encoder?.vocabulary ?? []
        var options = IndexOptions()
        options.memoryBytes = AddressSpace.budget(memory)
        options.joinsWithinMemory = true
        if isAdding {
            return try IndexWriter.open(
                lock, vocabulary: vocabulary, texts: DocumentFileWriter(filterable: settings.filterable),
                memoryBytes: options.memoryBytes, packs: true)
        }
        options.metadata = settings.metadata
        options.hasLearned = settings.model != .none
        options.profile = profile ?? .standard
        options.learnedScale = learnedScale
        options.norms = norms
        options.storesVectors = storesVectors && options.hasLearned
        return try IndexWriter.create(
            lock, options: options, vocabulary: vocabulary, texts: DocumentFileWriter(filterable: settings.filterable),
            replacing: isReplacing)
    }
}
