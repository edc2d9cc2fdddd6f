import CorpusFormats
public import InvertedIndex
import JSONScanning

extension SearchIndex {
    /// Holds everything in the commit against everything else in it: postings, bounds, numbers, ids, and each text.
    /// - Returns: What does not agree; empty for a sound index.
    /// - Throws: `IndexError` when a file cannot be read for a reason outside of it.
    /// - Complexity: O(bytes of the index).
    public func deepCheck() throws -> [IndexFinding] {
        try snapshot.deepCheck() + snapshot.segments.flatMap { try TextsCheck($0).run() }
    }
}

/// Holds a segment's texts against their checksums and the commit.
struct TextsCheck {
    private let segment: Segment

    init(_ segment: Segment) { self.segment = segment }

    func run() throws(IndexError) -> [IndexFinding] {
        guard let texts = segment.texts else { return [] }
        var findings: [IndexFinding] = []
        do throws(IndexError) {
            try segment.verifyTexts()
            let file = try DocumentFile(texts)
            findings += try file.check(texts)
            if findings.isEmpty, segment.passagePlaces(of: 0) != nil { findings += try checkPassages(file, texts) }
        } catch {
            guard let finding = IndexFinding(error) else { throw error }
            findings.append(finding)
            // Which documents it concerns, where that can be told.
            if let file = try? DocumentFile(texts, isTrusted: true) { findings += try file.check(texts) }
        }
        return findings
    }
}

extension TextsCheck {
    /// Passages lie within their texts, from the beginning of a character to the end of one.
    private func checkPassages(_ file: DocumentFile, _ texts: SegmentTexts) throws(IndexError) -> [IndexFinding] {
        var findings = FindingList(file: segment.path)
        for docid in 0..<segment.documents {
            guard let places = segment.passagePlaces(of: docid), !places.isEmpty else { continue }
            let stored = try file.row(segment.row(docid))
            let bytes = Array(CorpusDocument(id: "", stored).content.utf8)
            for (number, place) in places.enumerated() {
                guard let place else { continue }
                let isWithin = place.upperBound <= bytes.count
                if !isWithin || String(validating: bytes[place], as: UTF8.self) == nil {
                    findings.add(
                        "passages.places", "docid \(docid), passage \(number + 1)",
                        "bytes \(place.lowerBound) to \(place.upperBound) are no part of its text, which has \(bytes.count)"
                    )
                }
            }
        }
        return findings.findings
    }
}

extension DocumentFile {
    /// Each row's checksum, their sum, that rows are 0…n − 1, that metadata is a JSON object.
    func check(_ texts: SegmentTexts) throws(IndexError) -> [IndexFinding] {
        var findings = FindingList(file: texts.path)
        var sum: UInt32 = 0
        for row in 0..<UInt32(texts.rows) {
            do throws(IndexError) {
                let (stored, checksum) = try checkedRow(row)
                sum &+= checksum
                guard let metadata = stored.metadata else { continue }
                guard let tree = JSONTree(Array(metadata.utf8)), case .object = tree else {
                    findings.add("documents.metadata", "row \(row)", "it is no JSON object")
                    continue
                }
            } catch {
                guard let finding = IndexFinding(error) else { throw error }
                findings.add("documents", "row \(row)", finding.detail)
            }
        }
        guard findings.findings.isEmpty else { return findings.findings }
        if sum != texts.identity {
            findings.add("documents.checksum", "", "their sum is \(sum), the commit says \(texts.identity)")
        }
        if let rows = try? rowCount, rows != texts.rows {
            findings.add("documents", "", "\(rows) rows, the segment has \(texts.rows) documents")
        }
        return findings.findings
    }
}
