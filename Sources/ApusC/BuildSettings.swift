import Apus
import CorpusFormats
import LearnedEncoder

/// What a build is asked for.
struct BuildSettings {
    private enum Existing: String, CaseIterable { case refuse, append, resume, update, replace }

    /// The builder with what was asked for.
    let builder: IndexBuilder

    /// - Parameter fromCaller: Whether the documents come from the caller, so that a failing one leaves the index as it was.
    /// - Throws: ``Misuse``, `ModelChoice.Misuse`, `FilterError`.
    init(_ directory: String, _ members: OptionMembers, fromCaller: Bool) throws {
        var members = members
        var builder = IndexBuilder(directory: directory)
        switch try members.choice("existing", Existing.self) ?? .refuse {
        case .refuse: builder.existing = .refuse
        case .append: builder.existing = .append
        case .resume: builder.existing = .resume
        case .update: builder.existing = .update
        case .replace: builder.existing = .replace
        }
        builder.requiresIndex = try members.bool("must_exist") ?? false
        builder.model = try Models.choice(members.string("model"), allowsNone: true)
        builder.importsVectors = try members.bool("vectors") ?? false
        builder.analyzer = try members.choice("analyzer")
        builder.precision = try members.choice("precision")
        builder.maximumLength = try members.whole("max_length", atLeast: 8)
        builder.threads = try members.whole("threads", 1...1024) ?? builder.threads
        builder.memory = try members.whole("memory", atLeast: IndexBuilder.leastMemory) ?? builder.memory
        builder.passages = try Self.passages(&members)
        builder.profile = try members.choice("profile")
        builder.storesVectors = try members.bool("store_vectors")
        builder.filterable = try members.strings("filterable").map { fields in
            try fields.flatMap { try MetadataPath.list(parsing: $0) }
        }
        builder.reorders = try !(members.bool("keep_order") ?? false)
        builder.format = try members.choice("format")
        builder.idfPower = try members.number("idf_power", 0...2)
        builder.normPower = try members.number("norm_power", 0...1)
        builder.learnedScale = try members.positive("learned_scale").map { Float($0) }
        builder.k1 = try members.number("k1", 0...1000).map { Float($0) }
        builder.b = try members.number("b", 0...1).map { Float($0) }
        builder.titleBoost = try members.number("title_boost", 0...10)
        builder.titleWeight = try members.whole("title_weight", 1...100)
        let interval = try members.positive("commit_every")
        try members.finish()
        if let interval {
            builder.commitInterval = .seconds(interval)
        } else if fromCaller {
            builder.commitInterval = .seconds(Int64.max / 4)
        }
        self.builder = builder
    }

    /// How long texts are split; nil truncates them.
    /// - Throws: ``Misuse`` for a stride or an aggregate without passages.
    static func passages(_ members: inout OptionMembers) throws(Misuse) -> PassageSplit? {
        let (length, stride) = (try members.whole("passages", atLeast: 8), try members.whole("stride", atLeast: 1))
        let aggregate = try members.choice("aggregate", PassageSplit.Aggregate.self)
        guard let length else {
            guard stride == nil, aggregate == nil else {
                throw Misuse(description: "'stride' and 'aggregate' need 'passages'.")
            }
            return nil
        }
        return PassageSplit(length: length, stride: stride, aggregate: aggregate ?? .max)
    }
}
