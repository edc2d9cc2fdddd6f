import Apus
import Foundation
import HTTPTypes

/// The lines of OpenSearch's `_bulk`: an action, and for `index` and `create` the document in the next line.
struct BulkBody {
    /// One action.
    struct Item {
        let action: String
        let index: String
        let id: String
        /// What to do; nil where the document cannot be read.
        var change: IndexChange?
        /// Why it cannot.
        var error: String?
    }

    /// Actions at most: an answer tells of each.
    private static let most = 100_000

    private(set) var items: [Item] = []

    /// - Parameter index: The index of the path, for actions that name none.
    /// - Throws: ``ServerError`` with the line that is no action.
    init(_ bytes: [UInt8], index: String?) throws(ServerError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        var number = 0
        func next() -> ArraySlice<UInt8>? {
            number += 1
            return lines.popFirst()
        }
        while let line = next() {
            guard items.count < Self.most else {
                throw ServerError(.contentTooLarge, "The body has more than \(Self.most) actions. Send them in parts.")
            }
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
            guard let tree = JSONTree(Array(line)), let members = tree.members, members.count == 1,
                let (action, meta) = members.first,
                ["index", "create", "delete"].contains(action)
            else {
                throw ServerError(
                    .badRequest, "Line \(number) is no action: {\"index\": {\"_id\": ID}}, create or delete.")
            }
            guard let name = meta["_index"]?.string ?? index else {
                throw ServerError(.badRequest, "Line \(number) names no '_index'.")
            }
            guard let id = meta["_id"]?.string ?? (action == "delete" ? nil : UUID().uuidString.lowercased()) else {
                throw ServerError(.badRequest, "Line \(number) names no '_id'.")
            }
            var item = Item(action: action, index: name, id: id)
            if action == "delete" {
                item.change = .delete(id)
            } else {
                guard let document = next() else {
                    throw ServerError(.badRequest, "The document of line \(number - 1) is missing.")
                }
                do {
                    let read = try CorpusDocument(json: Array(document), id: id, name: "line \(number) of the body")
                    item.change = action == "create" ? .create(read) : .put(read)
                } catch {
                    item.error = "\(error)"
                }
            }
            items.append(item)
        }
    }
}
