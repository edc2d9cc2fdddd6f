public import LearnedEncoder

extension ModelDescription {
    /// The query side that is used when none is asked for: the blend where the model has one, then the encoder itself.
    public var defaultQuerySide: QuerySide {
        [QuerySide.blended, .siamese].first(where: querySides.contains) ?? .inferenceFree
    }
}
