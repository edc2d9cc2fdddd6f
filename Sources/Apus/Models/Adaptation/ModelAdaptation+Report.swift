extension ModelAdaptation {
    /// What was found, and made.
    public struct Report: Sendable, Codable {
        /// The new model's folder; nil where it was not made.
        public var model: String?
        /// Its identity.
        public var identity: String?
        /// Documents counted.
        public var documents: Int
        /// Distinct tokens in them.
        public var tokens: Int
        /// Whether the model had no table before.
        public var isFirstTable: Bool
        /// The idf's share of the new table.
        public var share: Double
        /// How tables compared on the collection's own documents; nil for a first table.
        public var check: Check?
    }

    /// The comparison of tables on questions that a sample of the documents gives about itself; nDCG@10 with one right answer each.
    public struct Check: Sendable, Codable {
        /// A share of idf, on the half of the queries that chooses.
        public struct Candidate: Sendable, Codable {
            /// The idf's share of the table.
            public var share: Double
            /// With the table as it is.
            public var today: Double
            /// With the candidate.
            public var adapted: Double
        }

        /// Documents that were encoded.
        public var documents: Int
        /// Queries made of them.
        public var queries: Int
        /// The chosen share.
        public var share: Double
        /// What it was chosen among.
        public var candidates: [Candidate]
        /// On the held-out half, with the table as it is and with the chosen one.
        public var today, adapted: Double
        /// The difference between these two in standard errors.
        public var standardErrors: Double
        /// Whether the held-out half confirms the choice.
        public var isConfirmed: Bool
    }
}
