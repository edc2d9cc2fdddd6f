import ByteStrings
import FileStorage

/// Holds a segment against itself and against what the commit says of it, after its checksums hold.
struct SegmentCheck {
    private let segment: Segment
    private let live: LiveDocuments?
    private let commit: Commit
    private let directory: String

    init(_ segment: Segment, _ live: LiveDocuments?, _ commit: Commit, in directory: String) {
        (self.segment, self.live, self.commit, self.directory) = (segment, live, commit, directory)
    }

    /// - Complexity: O(postings).
    func run() -> [IndexFinding] {
        var findings = FindingList(file: directory + "/" + segment.entry.file)
        checkIDs(&findings)
        checkRows(&findings)
        var words: [UInt32]?
        for field in Field.allCases {
            guard let reader = segment.fields[field] else { continue }
            var check = FieldCheck(reader, segment, profile: commit.profile)
            check.run(&findings)
            if field == .text { words = check.words }
        }
        if let reader = segment.fields[.learned] {
            checkVectors(reader, &findings)
            if let passages = segment.passages { PassageCheck(passages, segment).run(reader, &findings) }
        }
        checkLengths(words ?? [UInt32](repeating: 0, count: segment.documents), &findings)
        if commit.hasLearned, segment.fields[.learned] != nil {
            if segment.entry.scale.map({ !($0 > 0 && $0.isFinite) }) ?? (commit.learnedScale == nil) {
                findings.add("the commit's entry", "scale", "a learned field without a scale of its impacts")
            }
        }
        var all = findings.findings
        if let live { all += checkLive(live, words ?? []) }
        return all
    }

    private func checkIDs(_ findings: inout FindingList) {
        for docid in 0..<segment.documents {
            let id = unsafe segment.idUTF8(docid)
            guard let text = unsafe String(validating: id, as: UTF8.self), !text.contains(where: \.isWhitespace) else {
                findings.add("id.bytes", "docid \(docid)", "it is no id")
                continue
            }
        }
        var seen = [Bool](repeating: false, count: segment.documents)
        var before: Int?
        for place in 0..<segment.documents {
            let docid = unsafe segment.documentsByID[place]
            if seen[Int(docid)] {
                findings.add("id.descending", "element \(place)", "docid \(docid) stands there twice")
            }
            seen[Int(docid)] = true
            if let before {
                let (last, this) = unsafe (segment.idUTF8(before), segment.idUTF8(Int(docid)))
                // Of an id that was deleted and added again before the segment was written, one lives.
                let isSame = unsafe last.elementsEqual(this)
                let bothLive =
                    live.map { $0.documents.contains(UInt32(before)) && $0.documents.contains(docid) } ?? true
                if unsafe isSame ? bothLive : !this.lexicographicallyPrecedes(last) {
                    findings.add("id.descending", "element \(place)", "ids do not descend")
                }
            }
            before = Int(docid)
        }
    }

    private func checkRows(_ findings: inout FindingList) {
        var seen = Set<UInt32>()
        for docid in 0..<segment.documents {
            let row = segment.row(docid)
            if !seen.insert(row).inserted || Int(row) >= segment.documents {
                findings.add("rows", "docid \(docid)", "row \(row) is another document's, or is not there")
            }
        }
    }

    private func checkLengths(_ words: [UInt32], _ findings: inout FindingList) {
        for (docid, count) in words.enumerated() {
            if unsafe segment.lengths[docid] != LengthByte.encode(Int(count)) {
                findings.add(
                    "text.lengths", "docid \(docid)",
                    unsafe "\(LengthByte.decode(segment.lengths[docid])), it has \(count) words")
            }
            if unsafe !segment.wordCounts.isEmpty, unsafe segment.wordCounts[docid] != count {
                findings.add(
                    "text.words", "docid \(docid)", unsafe "\(segment.wordCounts[docid]), it has \(count) words")
            }
        }
        let sum = words.reduce(0) { $0 + Int($1) }
        let withText = words.count { $0 > 0 }
        if (sum, withText) != (segment.entry.words, segment.entry.documentsWithText) {
            findings.add(
                "the commit's entry", "words, documentsWithText",
                "\(segment.entry.words), \(segment.entry.documentsWithText); it has \(sum), \(withText)")
        }
    }

    /// Stored vectors hold what the posting lists hold.
    private func checkVectors(_ reader: FieldReader, _ findings: inout FindingList) {
        guard let vectors = segment.vectors else { return }
        var cursors = (0..<segment.documents).map { vectors.cursor(of: $0) }
        for term in 0..<reader.terms {
            let (docids, values) = reader.postings(ofTerm: term)
            for (docid, value) in zip(docids, values) where Int(docid) < segment.documents {
                let found = vectors.next(&cursors[Int(docid)])
                guard found?.term != term || found.map({ UInt32($0.impact) }) != value else { continue }
                findings.add(
                    StoredVectors.bytesName, "docid \(docid)",
                    "term \(term) has the impact \(value) in its list, the vector does not say so")
            }
        }
        for docid in cursors.indices where !cursors[docid].isAtEnd {
            findings.add(StoredVectors.bytesName, "docid \(docid)", "it has more than the lists have")
        }
    }

    private func checkLive(_ live: LiveDocuments, _ words: [UInt32]) -> [IndexFinding] {
        var findings = FindingList(file: directory + "/" + (live.entry?.file ?? ""))
        var (sum, withText) = (0, 0)
        for (docid, count) in words.enumerated() where live.documents.contains(UInt32(docid)) {
            sum += Int(count)
            withText += count > 0 ? 1 : 0
        }
        if (sum, withText) != (live.words, live.documentsWithText) {
            findings.add(
                "the commit's entry", "words, documentsWithText",
                "\(live.words), \(live.documentsWithText); its documents that live have \(sum), \(withText)")
        }
        return findings.findings
    }
}

extension IndexSnapshot {
    /// Holds everything that searching believes against the postings themselves: order, bounds, maxima, leaders, lengths, numbers
    /// of the collection, ids. Texts are the store's to check.
    /// - Returns: What does not agree; empty for a sound index. Of a segment whose bytes do not have their checksum only that:
    ///   nothing behind them means anything.
    /// - Throws: ``IndexError`` when a file cannot be read for a reason outside of it.
    /// - Complexity: O(postings) time, O(documents) memory.
    public func deepCheck() throws(IndexError) -> [IndexFinding] {
        var findings: [IndexFinding] = []
        var ids: Set<ByteString> = []
        for (segment, live) in zip(segments, live) {
            do throws(IndexError) { try segment.verify() } catch {
                guard let finding = IndexFinding(error) else { throw error }
                findings.append(finding)
                continue
            }
            findings += SegmentCheck(segment, live, commit, in: directory).run()
            for docid in 0..<UInt32(segment.documents) where live?.documents.contains(docid) ?? true {
                let id = segment.externalID(docid)
                if !ids.insert(ByteString(id)).inserted {
                    findings.append(
                        IndexFinding(
                            file: directory + "/" + segment.entry.file, array: "id.bytes", place: "docid \(docid)",
                            detail: "the document '\(id)' lives in another segment too"))
                }
            }
        }
        return findings
    }
}
