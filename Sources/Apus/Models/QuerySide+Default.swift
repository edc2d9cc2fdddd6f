public import LearnedEncoder

extension ModelDescription {
    /// The query side that is used when none is asked for: the one that the model prefers, the blend where it has one, then the
    /// encoder itself.
    public var defaultQuerySide: QuerySide {
        preferredQuerySide ?? [QuerySide.blended, .siamese].first(where: querySides.contains) ?? .inferenceFree
    }
}
