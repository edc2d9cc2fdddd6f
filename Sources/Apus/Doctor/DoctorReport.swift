/// What ``CollectionDoctor`` found in files of the field, for people and as JSON.
public struct DoctorReport: Sendable, Codable {
    /// How much a finding matters.
    public enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
        /// Results are wrong, or the file is refused.
        case fault
        /// Results may not mean what they seem to; somebody has to decide.
        case warning
        /// Worth knowing.
        case note

        /// The graver one is smaller.
        public static func < (first: Severity, second: Severity) -> Bool { first.place < second.place }

        private var place: Int { self == .fault ? 0 : self == .warning ? 1 : 2 }
    }

    /// One case of a finding.
    public struct Example: Sendable, Codable, Equatable {
        /// The line, from 1; nil where there is none, as in an index.
        public var line: Int?
        /// The document or query.
        public var id: String?
        /// What it is.
        public var detail: String

        init(line: Int? = nil, id: String? = nil, _ detail: String) {
            // A line 0 is that of a document which came from an index.
            self.line = line == 0 ? nil : line
            self.id = id
            self.detail = detail
        }
    }

    /// Something that was found, with how often, the first cases, and what to do.
    public struct Finding: Sendable, Codable {
        /// How much it matters.
        public var severity: Severity
        /// The check's name, such as `duplicate-ids`.
        public var check: String
        /// The file, folder or index.
        public var path: String
        /// A sentence with the figures.
        public var summary: String
        /// How many cases there are.
        public var count: Int
        /// The first of them.
        public var examples: [Example]
        /// What to do about it; nil for what needs nothing.
        public var fix: String?
    }

    /// What a place was understood as.
    public struct Place: Sendable, Codable {
        /// The file, folder or index.
        public var path: String
        /// What it is.
        public var kind: DoctorPlace.Kind
        /// What it was told from.
        public var reason: String
        /// Documents, topics, judgements or results read.
        public var records: Int
    }

    /// What was examined, in the order of the examination.
    public var places: [Place] = []
    /// What was found, faults first.
    public internal(set) var findings: [Finding] = []

    /// How many findings are of this severity.
    public func count(_ severity: Severity) -> Int { findings.count { $0.severity == severity } }

    mutating func add(_ found: [Finding]) {
        findings += found
        // Of one severity, in the order of the examination.
        findings = Severity.allCases.flatMap { severity in findings.filter { $0.severity == severity } }
    }
}

/// Cases of one kind: all are counted, the first are kept.
struct Tally: Sendable {
    /// How many cases are kept.
    static let kept = 5

    private(set) var count = 0
    private(set) var examples: [DoctorReport.Example] = []

    mutating func add(_ example: @autoclosure () -> DoctorReport.Example) {
        count += 1
        if examples.count < Self.kept { examples.append(example()) }
    }

    /// A finding of these cases, nil where there are none.
    func finding(
        _ severity: DoctorReport.Severity, _ check: String, _ path: String, _ summary: @autoclosure () -> String,
        fix: String? = nil
    ) -> DoctorReport.Finding? {
        guard count > 0 else { return nil }
        return DoctorReport.Finding(
            severity: severity, check: check, path: path, summary: summary(), count: count, examples: examples,
            fix: fix)
    }
}
