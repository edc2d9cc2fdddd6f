import Apus
import ArgumentParser

/// Whether the first documents lend terms to the query.
struct FeedbackFlags: ParsableArguments {
    enum Name: String, ExpressibleByArgument, CaseIterable {
        case none, rm3, rocchio, both
        case learnedRM3 = "learned-rm3"
    }

    @Option(
        help:
            "Search, let the first documents lend terms to the query, search again: rm3 (words), rocchio or learned-rm3 (learned terms), both (rm3 and rocchio), none. It finds more, and harms where few documents answer."
    )
    var feedback = Name.none

    @Option(help: "How many documents lend terms; 5 with rm3, 3 with rocchio.")
    var feedbackDocuments: Int?

    @Option(help: "How many terms they lend; 20 with rm3, 50 with rocchio.")
    var feedbackTerms: Int?

    @Option(help: "The weight of lent terms beside the query's own; .2 with rm3, .15 with rocchio.")
    var feedbackWeight: Double?

    func validate() throws {
        for (name, number) in [("--feedback-documents", feedbackDocuments), ("--feedback-terms", feedbackTerms)] {
            guard number.map({ $0 > 0 }) ?? true else {
                throw ValidationError("'\(name)' must be at least 1, not \(number ?? 0).")
            }
        }
        guard feedbackWeight.map({ (0...100).contains($0) }) ?? true, feedback != .rm3 || feedbackWeight ?? 0 <= 1
        else {
            throw ValidationError(
                "'--feedback-weight' lies between 0 and 1 with rm3, 0 and 100 with rocchio, not \(feedbackWeight ?? 0)."
            )
        }
        guard feedback != .none || (feedbackDocuments == nil && feedbackTerms == nil && feedbackWeight == nil) else {
            throw ValidationError("'--feedback-documents', '-terms' and '-weight' go with --feedback.")
        }
    }

    /// What is asked for; nil for nothing.
    var choice: Feedback? {
        switch feedback {
        case .none: nil
        case .rm3: Feedback(words: changed(.rm3))
        case .rocchio: Feedback(learned: changed(.rocchio))
        case .learnedRM3: Feedback(learned: changed(.rm3))
        case .both: Feedback(words: changed(.rm3), learned: changed(.rocchio))
        }
    }

    private func changed(_ model: Feedback.Model) -> Feedback.Model {
        Feedback.Model(
            model.kind, documents: feedbackDocuments ?? model.documents, terms: feedbackTerms ?? model.terms,
            weight: feedbackWeight ?? model.weight)
    }
}
