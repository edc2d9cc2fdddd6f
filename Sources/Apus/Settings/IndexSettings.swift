public import InvertedIndex
public import LearnedEncoder
public import TextAnalysis

/// How an index was made; kept as strings in each commit, so that a searcher can do the same to a query.
public struct IndexSettings: Sendable, Equatable {
    /// Word analysis of the text field.
    public var analyzer: Analyzer.Name
    /// The analyzer's own version, with ICU's.
    public var analyzerVersion: String
    /// Where the encoder came from; ``ModelChoice/none`` for a BM25 index.
    public var model: ModelChoice
    /// The encoder's name, for people.
    public var modelName: String
    /// The encoder's identity: weights and settings. Empty without a model.
    public var modelIdentity: String
    /// Tokens of a document that the encoder reads; nil without a model.
    public var maximumLength: Int?
    /// The encoder's arithmetic, for documents and queries alike.
    public var precision = Precision.automatic
    /// Which of a document's learned terms are kept.
    public var pruning = StaticPruning()
    /// How texts longer than a passage were split, with its stride; nil where they were truncated.
    public var passages: PassageSplit?
    /// The fields that filters find without reading every document.
    public var filterable: [MetadataPath] = []
    /// What multiplies the weights of learned queries: the terms' idf in the index to this power; 0 for nothing. A search can ask for
    /// another one.
    public var idfPower = 0.0
    /// What the learned weights of a title's own terms are raised by; 0 for nothing, .2 for a fifth.
    public var titleBoost = 0.0
    /// How often BM25 counts the words of a title: in lengths and frequencies alike.
    public var titleWeight = 1
    /// BM25's parameters, unless a search asks for others.
    public var bm25 = BM25Parameters()
    /// How `apus tune --fusion` found that hybrid lists are best fused; nil where nobody asked. A search can ask for something else.
    public var fusion: Fusion?
    /// Whether the build that made this commit came to its end.
    public var isComplete: Bool

    /// Settings of a new index.
    public init(analyzer: Analyzer.Name, model: ModelChoice, encoder: SparseEncoder?) {
        self.analyzer = analyzer
        analyzerVersion = Self.version(of: analyzer)
        self.model = model
        modelName = encoder?.description.name ?? "none"
        modelIdentity = encoder?.description.identity ?? ""
        maximumLength = encoder?.description.maximumLength
        isComplete = false
    }

    /// The names of what a commit stores.
    enum Key {
        static let analyzer = "analyzer"
        static let analyzerVersion = "analyzer.version"
        static let model = "model"
        static let modelName = "model.name"
        static let modelIdentity = "model.identity"
        static let maximumLength = "model.maximum-length"
        static let precision = "model.precision"
        static let passages = "learned.passages"
        static let stride = "learned.stride"
        static let aggregate = "learned.aggregate"
        static let documentTerms = "learned.document-terms"
        static let documentMass = "learned.document-mass"
        static let documentRatio = "learned.document-ratio"
        static let filterable = "filterable"
        static let idfPower = "learned.idf-power"
        static let titleBoost = "learned.title-boost"
        static let titleWeight = "bm25.title-weight"
        static let k1 = "bm25.k1"
        static let b = "bm25.b"
        static let fusionScores = "fusion.scores"
        static let fusionWeight = "fusion.weight"
        static let complete = "complete"
    }

    /// Reads the settings of a commit.
    /// - Throws: ``ApusError/unknownSetting(index:name:value:)``.
    public init(of snapshot: IndexSnapshot, directory: String) throws {
        try self.init(snapshot.metadata, directory: directory)
    }

    /// Reads the settings that a commit stores.
    init(_ metadata: [String: String], directory: String) throws {
        func value(_ name: String) throws -> String {
            guard let value = metadata[name] else {
                throw ApusError.unknownSetting(index: directory, name: name, value: "nothing")
            }
            return value
        }
        let analyzerName = try value(Key.analyzer)
        guard let analyzer = Analyzer.Name(rawValue: analyzerName) else {
            throw ApusError.unknownSetting(index: directory, name: "analyzer", value: analyzerName)
        }
        self.analyzer = analyzer
        analyzerVersion = try value(Key.analyzerVersion)
        model = ModelChoice(try value(Key.model))
        modelName = metadata[Key.modelName] ?? "none"
        modelIdentity = metadata[Key.modelIdentity] ?? ""
        maximumLength = metadata[Key.maximumLength].flatMap(Int.init)
        if let name = metadata[Key.precision] {
            guard let precision = Precision(rawValue: name) else {
                throw ApusError.unknownSetting(index: directory, name: "precision", value: name)
            }
            self.precision = precision
        }
        pruning = StaticPruning(metadata: metadata)
        if let length = metadata[Key.passages] {
            let aggregate = try value(Key.aggregate)
            guard let length = Int(length), let stride = Int(try value(Key.stride)),
                let known = PassageSplit.Aggregate(rawValue: aggregate)
            else { throw ApusError.unknownSetting(index: directory, name: "passages", value: "\(length) \(aggregate)") }
            passages = PassageSplit(length: length, stride: stride, aggregate: known)
        }
        func number<Number: LosslessStringConvertible>(_ key: String) throws -> Number? {
            try metadata[key].map { text in
                guard let number = Number(text) else {
                    throw ApusError.unknownSetting(index: directory, name: key, value: text)
                }
                return number
            }
        }
        idfPower = try number(Key.idfPower) ?? 0
        titleBoost = try number(Key.titleBoost) ?? 0
        titleWeight = try number(Key.titleWeight) ?? 1
        bm25 = BM25Parameters(k1: try number(Key.k1) ?? bm25.k1, b: try number(Key.b) ?? bm25.b)
        if let name = metadata[Key.fusionScores], let weight: Double = try number(Key.fusionWeight) {
            guard let scores = Fusion.Convex(rawValue: name) else {
                throw ApusError.unknownSetting(index: directory, name: Key.fusionScores, value: name)
            }
            fusion = .convex(scores, weight: weight)
        }
        filterable = try metadata[Key.filterable].map { try MetadataPath.list(parsing: $0) } ?? []
        isComplete = metadata[Key.complete] == "true"
    }

    /// As stored in a commit.
    public var metadata: [String: String] {
        var metadata = [
            Key.analyzer: analyzer.rawValue, Key.analyzerVersion: analyzerVersion, Key.model: model.name,
            Key.complete: isComplete ? "true" : "false",
        ]
        metadata.merge(pruning.metadata) { $1 }
        if !filterable.isEmpty { metadata[Key.filterable] = filterable.map(\.description).joined(separator: ",") }
        if bm25 != BM25Parameters() { (metadata[Key.k1], metadata[Key.b]) = ("\(bm25.k1)", "\(bm25.b)") }
        if titleBoost != 0 { metadata[Key.titleBoost] = "\(titleBoost)" }
        if titleWeight != 1 { metadata[Key.titleWeight] = "\(titleWeight)" }
        if idfPower != 0 { metadata[Key.idfPower] = "\(idfPower)" }
        if let fusion, fusion.weights.count == 2 {
            (metadata[Key.fusionScores], metadata[Key.fusionWeight]) = (fusion.methodName, "\(fusion.weights[1])")
        }
        if let passages {
            metadata[Key.passages] = String(passages.length)
            metadata[Key.stride] = String(passages.stride ?? passages.length)
            metadata[Key.aggregate] = passages.aggregate.rawValue
        }
        if model != .none {
            metadata[Key.modelName] = modelName
            metadata[Key.modelIdentity] = modelIdentity
            metadata[Key.precision] = precision == .automatic ? nil : precision.rawValue
            metadata[Key.maximumLength] = maximumLength.map(String.init)
        }
        return metadata
    }

    /// What a person should know when the words of the index were split by another version than splits those of queries.
    func analyzerWarning(_ directory: String) -> String? {
        let current = Self.version(of: analyzer)
        guard analyzerVersion != current else { return nil }
        return
            "'\(directory)' was built with the analyzer \(analyzer.rawValue) \(analyzerVersion); this is \(current). "
            + "BM25 may miss words that the two split differently; build the index again with --replace to be sure."
    }

    /// The version string of an analyzer of this binary.
    public static func version(of analyzer: Analyzer.Name) -> String {
        "\(Analyzer(analyzer).version) \(Analyzer.unicodeVersion)"
    }
}
