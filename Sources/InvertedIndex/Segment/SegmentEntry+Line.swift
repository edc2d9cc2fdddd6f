extension SegmentEntry {
    /// An entry as a commit of format 5 spells it: an array, since a commit of one document names all segments.
    ///
    ///     [number, packed, bytes, crc32c, documents, words, documentsWithText, clipped, dropped, reordered, scale, texts, live]
    ///
    /// `packed` and `reordered` are 0 or 1. `texts` is null, the identity of packed texts, or [number, bytes, crc32c, identity].
    /// `live` is null or [commit, bytes, crc32c, documents, words, documentsWithText].
    struct Line: Codable {
        let entry: SegmentEntry

        init(_ entry: SegmentEntry) { self.entry = entry }

        init(from decoder: any Decoder) throws {
            var line = try decoder.unkeyedContainer()
            let number = try line.decode(Int.self)
            let isPacked = try line.decode(Int.self) == 1
            var entry = SegmentEntry(
                file: isPacked ? IndexFile.packed(named: number) : IndexFile.segment(named: number), documents: 0,
                bytes: try line.decode(Int.self), crc32c: try line.decode(UInt32.self), words: 0, documentsWithText: 0,
                clipped: 0, dropped: 0, isReordered: false)
            entry.documents = try line.decode(Int.self)
            entry.words = try line.decode(Int.self)
            entry.documentsWithText = try line.decode(Int.self)
            entry.clipped = try line.decode(Int.self)
            entry.dropped = try line.decode(Int.self)
            entry.isReordered = try line.decode(Int.self) == 1
            entry.scale = try line.decodeIfPresent(Float.self)
            if isPacked {
                entry.packedTexts = try line.decodeIfPresent(UInt32.self)
            } else if try !line.decodeNil() {
                var texts = try line.nestedUnkeyedContainer()
                entry.texts = Texts(
                    file: IndexFile.texts(named: try texts.decode(Int.self)), bytes: try texts.decode(Int.self),
                    crc32c: try texts.decode(UInt32.self), identity: try texts.decode(UInt32.self))
            }
            if try !line.decodeNil() {
                var live = try line.nestedUnkeyedContainer()
                entry.live = Live(
                    file: IndexFile.live(of: number, commit: try live.decode(Int.self)),
                    bytes: try live.decode(Int.self), crc32c: try live.decode(UInt32.self),
                    documents: try live.decode(Int.self), words: try live.decode(Int.self),
                    documentsWithText: try live.decode(Int.self))
            }
            self.entry = entry
        }

        func encode(to encoder: any Encoder) throws {
            var line = encoder.unkeyedContainer()
            try line.encode(Self.number(entry.file))
            for number in [entry.isPacked ? 1 : 0, entry.bytes] { try line.encode(number) }
            try line.encode(entry.crc32c)
            for number in [
                entry.documents, entry.words, entry.documentsWithText, entry.clipped, entry.dropped,
                entry.isReordered ? 1 : 0,
            ] { try line.encode(number) }
            try line.encode(entry.scale)
            if let texts = entry.texts {
                var own = line.nestedUnkeyedContainer()
                for number in [Self.number(texts.file), texts.bytes, Int(texts.crc32c), Int(texts.identity)] {
                    try own.encode(number)
                }
            } else {
                try line.encode(entry.packedTexts)
            }
            guard let live = entry.live else { return try line.encodeNil() }
            var own = line.nestedUnkeyedContainer()
            for number in [
                Self.number(live.file), live.bytes, Int(live.crc32c), live.documents, live.words,
                live.documentsWithText,
            ] { try own.encode(number) }
        }

        /// The number in the name of a segment or of its texts; of live documents that of the commit.
        private static func number(_ file: String) -> Int {
            switch IndexFile(file) {
            case .segment(let number), .texts(let number), .live(_, commit: let number): number
            default: 0
            }
        }
    }
}
