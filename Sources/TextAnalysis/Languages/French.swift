/// French: elided articles removed (l'avion, qu’il), Snowball's stop words, Snowball's stemmer.
///
/// Lucene's FrenchAnalyzer has the same but for its light stemmer; with its SnowballFilter in that place it gives these terms.
struct French: Language {
    static let name = "french"
    static let version = "french-1 " + SnowballStemmer.version("french", known: 0x6403_4F65)
    /// Snowball's list, in the form that Lucene has it.
    static let stopWords = StopWords(
        """
        au aux avec ce ces dans de des du elle en et eux il je la le leur lui ma mais me même mes moi mon ne nos notre \
        nous on ou par pas pour qu que qui sa se ses sur ta te tes toi ton tu un une vos votre vous c d j l à m n s t y \
        étée étées étant suis es êtes sont serai seras sera serons serez seront serais serait serions seriez seraient \
        étais était étions étiez étaient fus fut fûmes fûtes furent sois soit soyons soyez soient fusse fusses fussions \
        fussiez fussent ayant eu eue eues eus ai avons avez ont aurai aurons aurez auront aurais aurait aurions auriez \
        auraient avais avait aviez avaient eut eûmes eûtes eurent aie aies ait ayons ayez aient eusse eusses eût \
        eussions eussiez eussent ceci cela celà cet cette ici ils les leurs quel quels quelle quelles sans soi
        """)
    /// What loses its last vowel before another, as Lucene's ElisionFilter lists it.
    static let elided = StopWords("l m t qu n s j d c jusqu quoiqu lorsqu puisqu")

    private let stemmer = SnowballStemmer("french")

    func finish(_ word: UnsafeMutablePointer<UInt8>, _ count: Int, isASCII: Bool) -> Int {
        let start = unsafe Self.elision(word, count)
        let length = count - start
        if start > 0 { for index in 0..<length { unsafe word[index] = unsafe word[start + index] } }
        if unsafe Self.stopWords.contains(word, count: length) { return 0 }
        return unsafe stemmer.stem(word, count: length)
    }

    /// The bytes of an elided article with its apostrophe, straight or curly; 0 for none.
    private static func elision(_ word: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        for index in 0..<min(count, elided.maximumLength + 1) {
            let isCurly =
                unsafe index + 2 < count && word[index] == 0xE2 && word[index + 1] == 0x80 && word[index + 2] == 0x99
            guard unsafe word[index] == 0x27 || isCurly else { continue }
            return unsafe elided.contains(word, count: index) ? index + (isCurly ? 3 : 1) : 0
        }
        return 0
    }
}
