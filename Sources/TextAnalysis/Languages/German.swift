/// German: Snowball's stop words, umlauts and ß written alike, Snowball's stemmer.
///
/// Lucene's GermanAnalyzer has the same but for its light stemmer; with its SnowballFilter in that place it gives these terms.
struct German: Language {
    static let name = "german"
    static let version = "german-1 " + SnowballStemmer.version("german", known: 0x98D3_7C14)
    /// Snowball's list, in the form that Lucene has it.
    static let stopWords = StopWords(
        """
        aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes anderm andern \
        anderr anders auch auf aus bei bin bis bist da damit dann der den des dem die das daß derselbe derselben \
        denselben desselben demselben dieselbe dieselben dasselbe dazu dein deine deinem deinen deiner deines denn derer \
        dessen dich dir du dies diese diesem diesen dieser dieses doch dort durch ein eine einem einen einer eines einig \
        einige einigem einigen einiger einiges einmal er ihn ihm es etwas euer eure eurem euren eurer eures für gegen \
        gewesen hab habe haben hat hatte hatten hier hin hinter ich mich mir ihr ihre ihrem ihren ihrer ihres euch im in \
        indem ins ist jede jedem jeden jeder jedes jene jenem jenen jener jenes jetzt kann kein keine keinem keinen \
        keiner keines können könnte machen man manche manchem manchen mancher manches mein meine meinem meinen meiner \
        meines mit muss musste nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seines \
        selbst sich sie ihnen sind so solche solchem solchen solcher solches soll sollte sondern sonst über um und uns \
        unse unsem unsen unser unses unter viel vom von vor während war waren warst was weg weil weiter welche welchem \
        welchen welcher welches wenn werde werden wie wieder will wir wird wirst wo wollen wollte würde würden zu zum \
        zur zwar zwischen
        """)

    private let stemmer = SnowballStemmer("german")

    func finish(_ word: UnsafeMutablePointer<UInt8>, _ count: Int, isASCII: Bool) -> Int {
        if unsafe Self.stopWords.contains(word, count: count) { return 0 }
        return unsafe stemmer.stem(word, count: Self.normalise(word, count))
    }

    /// What the letter before lets an `e` or a `u` be.
    private enum Before {
        case other
        /// A vowel that an `e` makes an umlaut.
        case umlauted
        /// A vowel after which `ue` is none.
        case vowel
    }

    /// ä, ö, ü and ae, oe, ue become a, o, u, and ß becomes ss, but `ue` stays after a vowel or q.
    ///
    /// These are the rules of Snowball's German2 stemmer, which Lucene's GermanNormalizationFilter applies on their own.
    private static func normalise(_ word: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        var before = Before.other
        var written = 0
        var index = 0
        while index < count {
            let byte = unsafe word[index]
            index += 1
            switch byte {
            case UInt8(ascii: "a"), UInt8(ascii: "o"): before = .umlauted
            case UInt8(ascii: "u"): before = before == .other ? .umlauted : .vowel
            case UInt8(ascii: "e"):
                let isMark = before == .umlauted
                before = .vowel
                if isMark { continue }
            case UInt8(ascii: "i"), UInt8(ascii: "q"), UInt8(ascii: "y"): before = .vowel
            case 0xC3 where index < count:
                let letter: UInt8? =
                    switch unsafe word[index] {
                    case 0xA4: UInt8(ascii: "a")
                    case 0xB6: UInt8(ascii: "o")
                    case 0xBC: UInt8(ascii: "u")
                    default: nil
                    }
                if let letter {
                    index += 1
                    before = .vowel
                    unsafe word[written] = letter
                    written += 1
                    continue
                }
                before = .other
                if unsafe word[index] == 0x9F {
                    index += 1
                    unsafe word[written] = UInt8(ascii: "s")
                    unsafe word[written + 1] = UInt8(ascii: "s")
                    written += 2
                    continue
                }
            default: before = .other
            }
            unsafe word[written] = byte
            written += 1
        }
        return written
    }
}
