import Synchronization

/// A text that is made when it is first asked for, once.
final class DeferredText: Sendable {
    private let made: Mutex<String?>
    private let make: @Sendable () -> String

    init(_ make: @escaping @Sendable () -> String) {
        made = Mutex(nil)
        self.make = make
    }

    init(_ text: String) {
        made = Mutex(text)
        make = { text }
    }

    var value: String {
        made.withLock { made in
            if let made { return made }
            let text = make()
            made = text
            return text
        }
    }
}

extension DeferredText: Equatable, Codable {
    static func == (a: DeferredText, b: DeferredText) -> Bool { a === b || a.value == b.value }

    convenience init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
