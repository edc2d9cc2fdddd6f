/// Words in lower case, for any language: no stop words, no stems.
struct AnyLanguage: Language {
    static let name = "unicode"
    static let version = "unicode-1"
    static let lowersWholeWords = true

    @inline(__always)
    func finish(_ word: UnsafeMutablePointer<UInt8>, _ count: Int, isASCII: Bool) -> Int { count }
}
