/// What weights get beside what the encoder gives them, unless a build asks for something else.
public enum Weighting {
    /// The power of idf in learned queries of the bundled models; the article Weighting has the figures behind it.
    public static let bundledIDFPower = 0.5
    /// The power to which the norms of the bundled models' document vectors are evened out: none, for leads of Wikipedia lose by it.
    public static let bundledNormPower = 0.0
    /// How often BM25 counts the words of a title.
    public static let titleWeight = 3
    /// What the learned weights of a title's own terms are raised by, with the bundled models.
    public static let bundledTitleBoost = 0.2
}
