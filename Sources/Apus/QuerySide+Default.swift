import SparseEncoder

extension ModelDescription {
    /// The query side that is used when none is asked for: the encoder itself where the model has it, for its quality.
    public var defaultQuerySide: QuerySide {
        querySides.contains(.siamese) ? .siamese : querySides.first ?? .inferenceFree
    }
}
