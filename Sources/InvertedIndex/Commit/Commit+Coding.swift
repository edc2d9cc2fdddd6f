extension Commit {
    private enum CodingKeys: String, CodingKey {
        case format, generation, metadata, learnedScale, norms, hasText, hasLearned, profile, storesVectors, segments
    }

    init(from decoder: any Decoder) throws {
        let pairs = try decoder.container(keyedBy: CodingKeys.self)
        format = try pairs.decode(Int.self, forKey: .format)
        generation = try pairs.decode(Int.self, forKey: .generation)
        metadata = try pairs.decode([String: String].self, forKey: .metadata)
        learnedScale = try pairs.decodeIfPresent(Float.self, forKey: .learnedScale)
        norms = try pairs.decodeIfPresent(VectorNorms.self, forKey: .norms)
        hasText = try pairs.decode(Bool.self, forKey: .hasText)
        hasLearned = try pairs.decode(Bool.self, forKey: .hasLearned)
        profile = try pairs.decode(IndexProfile.self, forKey: .profile)
        storesVectors = try pairs.decodeIfPresent(Bool.self, forKey: .storesVectors)
        segments =
            format >= Self.packedFormat
            ? try pairs.decode([SegmentEntry.Line].self, forKey: .segments).map(\.entry)
            : try pairs.decode([SegmentEntry].self, forKey: .segments)
    }

    func encode(to encoder: any Encoder) throws {
        var pairs = encoder.container(keyedBy: CodingKeys.self)
        try pairs.encode(format, forKey: .format)
        try pairs.encode(generation, forKey: .generation)
        try pairs.encode(metadata, forKey: .metadata)
        try pairs.encodeIfPresent(learnedScale, forKey: .learnedScale)
        try pairs.encodeIfPresent(norms, forKey: .norms)
        try pairs.encode(hasText, forKey: .hasText)
        try pairs.encode(hasLearned, forKey: .hasLearned)
        try pairs.encode(profile, forKey: .profile)
        try pairs.encodeIfPresent(storesVectors, forKey: .storesVectors)
        if format >= Self.packedFormat {
            try pairs.encode(segments.map(SegmentEntry.Line.init), forKey: .segments)
        } else {
            try pairs.encode(segments, forKey: .segments)
        }
    }
}
