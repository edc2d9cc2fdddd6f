import CStemmer

/// One of libstemmer's stemmers, for one thread at a time.
///
/// Source: Porter, "Snowball: A language for stemming algorithms", 2001.
@safe final class SnowballStemmer {
    /// Nil where the library does not have the algorithm: words stay as they are, which ``version(_:known:)`` says.
    private let stemmer: OpaquePointer?

    init(_ algorithm: String) { unsafe stemmer = unsafe sb_stemmer_new(algorithm, "UTF_8") }

    deinit { if let stemmer = unsafe stemmer { unsafe sb_stemmer_delete(stemmer) } }

    /// Stems the UTF-8 in lower case at `word`, in place.
    /// - Returns: The bytes that remain.
    func stem(_ word: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        guard let stemmer = unsafe stemmer, let stem = unsafe sb_stemmer_stem(stemmer, word, Int32(count)) else {
            return count
        }
        let length = unsafe Int(sb_stemmer_length(stemmer))
        // No rule makes a word longer.
        guard length <= count else { return count }
        unsafe word.update(from: stem, count: length)
        return length
    }

    /// The same of a string.
    func stem(_ word: String) -> String {
        var bytes = Array(word.utf8)
        let length = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe stem($0, count: buffer.count) } ?? 0
        }
        return String(decoding: bytes[..<length], as: UTF8.self)
    }

    /// The library's version, such as `snowball-2.2`.
    ///
    /// libstemmer cannot be asked for it, so the stems of some words tell: a library that makes other ones is another version,
    /// whatever its number, and is named by their checksum.
    /// - Parameter known: The checksum of version 2.2.
    static func version(_ algorithm: String, known: UInt32) -> String {
        let stemmer = SnowballStemmer(algorithm)
        guard unsafe stemmer.stemmer != nil else { return "snowball-missing" }
        let found = checksum(of: probes.map { stemmer.stem($0) })
        let digits = String(found, radix: 16)
        return found == known ? "snowball-2.2" : "snowball-x" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Words of both languages that the rules, and changes of the rules, touch.
    private static let probes = """
        lehrerinnen haeuser mueller müller straße quelle feuer eisen aufeinanderfolge amtlichen systems tickets kategorisch \
        bedürfnis jährlich freundlichkeit heiterkeiten notwendigste kenntnis bären abende yacht treue neuem verbindungen \
        aerodrom poesie wasserstoffs ärgerlichste qu'il l'avion naïve haïr chevaux continuellement majestueusement logie \
        rationalité évidemment jouerions finissaient mangeasses payer quelque aiguë abaissement nationaux heureuses \
        couramment activement logique fréquences solutions amis noyer yeux nez était élève finit crions
        """.split(separator: " ").map(String.init)

    /// 32-bit FNV-1a of the words, each with a line's end.
    private static func checksum(of words: [String]) -> UInt32 {
        words.reduce(0x811C_9DC5) { sum, word in
            (word + "\n").utf8.reduce(sum) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        }
    }
}
