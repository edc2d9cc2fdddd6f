import Foundation
import InvertedIndex

/// The folders that `apus serve` was given: each an index, or a folder that holds indexes.
enum IndexPlaces {
    /// The indexes' own folders, those of one folder in order of their names.
    ///
    /// - Throws: ``IndexError``: a folder is no index and holds none, or cannot be read.
    static func indexes(in places: [String]) throws -> [String] {
        try places.flatMap { place in
            if try !IndexSnapshot.generations(in: place).isEmpty { return [place] }
            let found = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
                .filter { !$0.hasPrefix(".") }.map { (place.hasSuffix("/") ? place : place + "/") + $0 }
                .filter { path in
                    // A file, or a folder that this user may not read, is no index to serve.
                    (try? !IndexSnapshot.generations(in: path).isEmpty) ?? false
                }
            guard !found.isEmpty else { throw IndexError.notAnIndex(path: place) }
            return found
        }
    }
}
