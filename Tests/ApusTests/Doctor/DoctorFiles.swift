import Apus
import ApusTestSupport
import Foundation
import Testing

/// Files of one test, and what the doctor says of them.
struct DoctorFiles {
    let folder: String
    private var places: [DoctorPlace] = []

    init() throws { folder = try TestPaths.temporaryDirectory() }

    /// Writes a file that is examined as what it is recognised as.
    mutating func add(_ name: String, _ lines: [String]) throws {
        try add(name, bytes: lines.map { $0 + "\n" }.joined().utf8)
    }

    mutating func add(_ name: String, bytes: some Sequence<UInt8>) throws {
        let path = folder + "/" + name
        try Data(Array(bytes)).write(to: URL(fileURLWithPath: path))
        places += try DoctorPlace.recognise(path)
    }

    mutating func add(index: String) throws { places += try DoctorPlace.recognise(index) }

    /// Examines everything; without an encoder, which no test here needs.
    func report() throws -> DoctorReport {
        var doctor = CollectionDoctor()
        doctor.model = ModelChoice.none
        return try doctor.examine(places)
    }

    static func document(_ id: String, _ text: String, title: String = "") -> String {
        "{\"_id\": \"\(id)\", \"title\": \"\(title)\", \"text\": \"\(text)\"}"
    }
}

extension DoctorReport {
    /// The checks that found something, notes left out.
    var complaints: [String] { findings.filter { $0.severity != .note }.map(\.check).sorted() }

    func finding(_ check: String) throws -> Finding {
        try #require(findings.first { $0.check == check }, "\(check) is not among \(findings.map(\.check))")
    }
}
