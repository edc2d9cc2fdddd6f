import CApusStarter
import FileStorage
import Foundation

/// The embedded starter collection, unpacked into a temporary folder so that it is read like any other.
struct StarterCollection {
    let path: String

    static func unpack() throws -> StarterCollection {
        let path = FileManager.default.temporaryDirectory.path + "/apus-starter-\(UInt32.random(in: 0 ... .max))"
        try Directory.create(path + "/qrels")
        var count = 0
        // Safe: the table and everything it points to are constants of the binary.
        guard let files = unsafe apus_starter_files(&count) else { return StarterCollection(path: path) }
        for index in 0..<count {
            let file = unsafe files[index]
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: file.bytes, count: file.count))
            let name = unsafe String(cString: file.name)
            try AtomicFile.write(bytes, to: path + "/" + name)
        }
        return StarterCollection(path: path)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
