import Apus
import HTTPTypes

/// The indexes behind a server, by name.
struct ServedIndexes: Sendable {
    /// In the order given.
    let all: [ServedIndex]

    /// - Throws: ``ServerError`` with 404 where there is none of this name.
    func named(_ name: String) throws(ServerError) -> ServedIndex {
        guard let found = all.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            throw .noIndex(name, all.map(\.name))
        }
        return found
    }

    /// The snapshot under a token.
    /// - Throws: ``ServerError`` where it is held no more.
    func held(_ token: String) throws -> (ServedIndex, SearchIndex) {
        for served in all {
            if let index = served.held(token) { return (served, index) }
        }
        throw ServerError(.notFound, "No snapshot is held under this token; it may have ended. Ask for a new one.")
    }
}
