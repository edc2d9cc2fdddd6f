import FileStorage
import Foundation

/// The names that an index gives its files; nothing else in its directory is ever read or removed.
///
///     commit-43.json    seg-7.safetensors    seg-7.sqlite    seg-8.packed    seg-7.live-43    write.lock
///
/// each also with .tmp while it is written.
enum IndexFile: Equatable {
    case commit(Int)
    case segment(Int)
    case texts(Int)
    /// The documents of a segment that live from a commit on.
    case live(segment: Int, commit: Int)
    case temporary
    case lock
    /// The document store of format 3, with what SQLite puts beside it.
    case formerStore

    static let lockName = "write.lock"
    /// Numbers are written plainly and stay far from overflow.
    static let largestNumber = 999_999_999_999_999

    /// What a name in an index directory stands for; nil for somebody else's.
    init?(_ name: String) {
        if name == Self.lockName {
            self = .lock
        } else if let number = Self.number(name, "commit-", ".json") {
            self = .commit(number)
        } else if let number = Self.number(name, "seg-", ".safetensors") {
            self = .segment(number)
        } else if let number = Self.number(name, "seg-", ".packed") {
            self = .segment(number)
        } else if let number = Self.number(name, "seg-", ".sqlite") {
            self = .texts(number)
        } else if let live = Self.live(name) {
            self = live
        } else if name.hasSuffix(".tmp"), let whole = IndexFile(String(name.dropLast(4))), whole != .temporary {
            self = .temporary
        } else if Self.isFormerStore(name) {
            self = .formerStore
        } else {
            return nil
        }
    }

    static func commit(named number: Int) -> String { "commit-\(number).json" }
    static func segment(named number: Int) -> String { "seg-\(number).safetensors" }
    static func packed(named number: Int) -> String { "seg-\(number).packed" }
    static func texts(named number: Int) -> String { "seg-\(number).sqlite" }
    static func live(of segment: Int, commit: Int) -> String { "seg-\(segment).live-\(commit)" }

    private static func live(_ name: String) -> IndexFile? {
        guard let middle = name.range(of: ".live-"),
            let segment = number(String(name[..<middle.lowerBound]), "seg-", ""),
            let commit = number(String(name[middle.lowerBound...]), ".live-", "")
        else { return nil }
        return .live(segment: segment, commit: commit)
    }

    private static func number(_ name: String, _ prefix: String, _ suffix: String) -> Int? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.utf8.count > prefix.utf8.count + suffix.utf8.count
        else { return nil }
        let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
        guard let number = Int(digits), (0...largestNumber).contains(number), String(number) == digits else {
            return nil
        }
        return number
    }

    private static func isFormerStore(_ name: String) -> Bool {
        guard name.hasPrefix("documents") else { return false }
        let ends = [".sqlite", ".sqlite-wal", ".sqlite-shm", ".sqlite-journal"]
        guard let end = ends.first(where: { name.hasSuffix($0) }) else { return false }
        let middle = name.dropFirst(9).dropLast(end.count)
        return middle.isEmpty || (middle.first == "-" && middle.count > 1 && middle.dropFirst().allSatisfy(\.isNumber))
    }
}

/// What an index directory holds.
struct IndexFolder {
    let directory: String
    /// Numbers of the commits, newest first.
    private(set) var commits: [Int] = []
    /// Every file of ours by name.
    private(set) var files: [(name: String, file: IndexFile)] = []
    /// Names that are not ours.
    private(set) var others: [String] = []

    /// - Throws: ``IndexError/notAnIndex(path:)`` when there is no such directory, ``IndexError/storage(_:)``.
    init(_ directory: String) throws(IndexError) {
        self.directory = directory
        let names: [String]
        do throws(StorageError) { names = try Directory.names(in: directory) } catch {
            if case .missing = error { throw .notAnIndex(path: directory) }
            throw .storage(error)
        }
        for name in names {
            if let file = IndexFile(name) {
                files.append((name, file))
                if case .commit(let number) = file, number > 0 { commits.append(number) }
            } else {
                others.append(name)
            }
        }
        commits.sort(by: >)
    }

    /// A number that no segment has had.
    var nextSegment: Int {
        files.reduce(0) { next, entry in
            switch entry.file {
            case .segment(let number), .texts(let number): max(next, number)
            default: next
            }
        } + 1
    }
}
