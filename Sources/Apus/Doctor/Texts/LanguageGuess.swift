/// A guess at a text's language: the script, and in Latin and Cyrillic letters the short words that every text has.
///
/// A guess for statistics of many texts. A text with fewer than three such words, or with those of two languages, gets none.
struct LanguageGuess: Sendable {
    private static let functionWords: [(language: String, words: String)] = [
        (
            "English",
            "the of and to in is that for it with as was on are by this be from at an or which have has not were but their"
        ),
        (
            "German",
            "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei"
        ),
        (
            "French",
            "le la les de des et du en un une est que qui dans pour par sur au pas plus ce il avec sont ne se aux cette ou"
        ),
        (
            "Spanish",
            "el la los las de y en que del un una es por con para se no su al lo como más pero sus le fue este ha"
        ),
        (
            "Italian",
            "il di che la e del in per un una è della con non le da si dei nel alla i gli come più sono anche al delle"
        ),
        (
            "Portuguese",
            "o a de que e do da em um uma para com não os as no na dos por se mais foi das ao pelo como mas é"
        ),
        (
            "Dutch",
            "de het een van en in is dat op te voor zijn met die niet aan er om ook als bij door naar uit maar wordt deze"
        ),
        ("Swedish", "och i att det som en är på av för med den till inte om ett har de var från eller vid men kan"),
        (
            "Danish or Norwegian",
            "og i at det som en er på af av for med den til ikke om et har de var fra eller ved men kan"
        ),
        ("Polish", "w i na z do się nie że jest o to jak od po za przez dla oraz są co ale przy"),
        ("Czech", "a v se na je že to s z do o k i ve pro za by jsou jako ale po od byl která který"),
        ("Turkish", "ve bir bu için ile da de olarak olan en çok daha gibi kadar ancak sonra ne var"),
        ("Finnish", "ja on ei se että oli hän mutta ovat joka myös kun tai sen mukaan ole kuin"),
        ("Hungarian", "a az és hogy nem is egy ez azt volt csak meg mint de vagy ki még már"),
        ("Romanian", "și în de la a cu pe care din un o nu este mai ce să au pentru al sau fost"),
        ("Indonesian or Malay", "yang dan di dengan untuk dari ini pada dalam adalah itu tidak ke oleh sebagai juga"),
        ("Russian", "и в не на что он с как это по но из у за от так же для бы его все был при или"),
        ("Ukrainian", "і в не на що він з як це та до у за від так для його був при або є"),
        ("Bulgarian", "и в на не че се за да от с по е като но са при до или това"),
    ]

    /// A bit for each language that has a word.
    private static let languages: [UInt64: UInt32] = {
        var table: [UInt64: UInt32] = [:]
        for (place, entry) in functionWords.enumerated() {
            for word in entry.words.split(separator: " ") {
                table[WordHashes.hash(String(word)), default: 0] |= 1 << UInt32(place)
            }
        }
        return table
    }()

    /// The language's name; nil where the text says too little.
    static func language(of text: WordHashes) -> String? {
        let scripts = text.scripts
        guard scripts.all > 0 else { return nil }
        let others: [(Int, String)] = [
            (scripts.hangul, "Korean"), (scripts.greek, "Greek"), (scripts.arabic, "Arabic script"),
            (scripts.hebrew, "Hebrew"), (scripts.devanagari, "Devanagari script"), (scripts.thai, "Thai"),
            (scripts.han + scripts.kana, scripts.kana * 10 > scripts.han ? "Japanese" : "Chinese"),
        ]
        if let found = others.first(where: { $0.0 * 2 > scripts.all }) { return found.1 }
        if scripts.other * 2 > scripts.all { return "another script" }
        let counted = counts(text.words)
        guard let best = counted.indices.max(by: { counted[$0].hits < counted[$1].hits }) else { return nil }
        let second = counted.indices.filter { $0 != best }.map { counted[$0].hits }.max() ?? 0
        let isCyrillic = scripts.cyrillic * 2 > scripts.all
        guard counted[best].hits >= 3, counted[best].hits > second else { return isCyrillic ? "Cyrillic script" : nil }
        return counted[best].language
    }

    private static func counts(_ words: [UInt64]) -> [(language: String, hits: Int)] {
        var counts = functionWords.map { (language: $0.language, hits: 0) }
        for word in words {
            guard var bits = languages[word] else { continue }
            while bits != 0 {
                counts[bits.trailingZeroBitCount].hits += 1
                bits &= bits - 1
            }
        }
        return counts
    }
}
