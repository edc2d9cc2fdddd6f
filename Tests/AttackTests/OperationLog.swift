import Foundation

/// The file operations of one run, as the preloaded library wrote them down.
struct OperationLog {
    struct Entry {
        var number: Int
        var operation: String
        var descriptor: Int
        var result: Int
        /// 1: the file was made, 2: it was emptied.
        var created: Int
        var offset: Int
        var path: String
        var second: String
        var data = Data()

        /// For messages: the operation and the file's name.
        var description: String {
            let name = (path as NSString).lastPathComponent
            return
                "operation \(number) (\(operation) \(name)\(second.isEmpty ? "" : " → " + (second as NSString).lastPathComponent))"
        }
    }

    let entries: [Entry]

    init(_ path: String, hasData: Bool = false) {
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        var entries: [Entry] = []
        var place = bytes.startIndex
        while place < bytes.endIndex, let end = bytes[place...].firstIndex(of: 10) {
            let fields = String(decoding: bytes[place..<end], as: UTF8.self).split(
                separator: "\t", omittingEmptySubsequences: false)
            place = end + 1
            guard fields.count == 9, let number = Int(fields[0]), let length = Int(fields[6]) else { break }
            var entry = Entry(
                number: number, operation: String(fields[1]), descriptor: Int(fields[2]) ?? -1,
                result: Int(fields[3]) ?? -1,
                created: Int(fields[4]) ?? 0, offset: Int(fields[5]) ?? 0, path: String(fields[7]),
                second: String(fields[8]))
            if hasData, length > 0 {
                guard place + length < bytes.endIndex else { break }
                entry.data = Data(bytes[place..<place + length])
                place += length + 1
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    /// Counts the operations of a command under some roots.
    static func counting(_ arguments: [String], roots: [String], operations: String = "", in directory: String) -> (
        Ending, OperationLog
    ) {
        let path = directory + "/count-\(UUID().uuidString).log"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let ending = AttackedTool.run(
            arguments, Attack(mode: "count", operations: operations, roots: roots, log: path))
        return (ending, OperationLog(path))
    }
}
