import Apus
import HTTPTypes

/// Reads the filters of OpenSearch's query language.
///
/// `term`, `terms`, `range`, `exists`, `prefix`, `ids`, `match_all` and `bool` of them. A field's name with dots is a path through objects.
/// As there, `term` looks into arrays.
enum FilterBody {
    /// - Throws: ``ServerError`` with what was found.
    static func filter(_ body: JSONTree) throws(ServerError) -> Filter {
        guard let members = body.members, members.count == 1, let (kind, value) = members.first else {
            throw ServerError(
                .badRequest,
                "A filter is an object with one member, like {\"term\": {\"lang\": \"en\"}}, not \(body.label).")
        }
        switch kind {
        case "match_all", "match_none":
            guard value.members != nil else { throw wrong(kind, "an object", value) }
            return kind == "match_all" ? .all([]) : .any([])
        case "term":
            let (field, value) = try only(value, kind)
            return .contains(field, try scalar(plain(value, "value", kind)["value"] ?? value, kind))
        case "terms":
            let (field, value) = try only(value, kind)
            guard let elements = value.elements else { throw wrong(kind, "a list of values", value) }
            var values: [MetadataScalar] = []
            for element in elements { values.append(try scalar(element, kind)) }
            return .any(values.map { .contains(field, $0) })
        case "prefix":
            let (field, value) = try only(value, kind)
            guard let text = try (plain(value, "value", kind)["value"] ?? value).string else {
                throw wrong(kind, "a text", value)
            }
            return .hasPrefix(field, ByteString(text))
        case "exists":
            guard let name = try plain(value, "field", kind)["field"]?.string else {
                throw wrong(kind, "{\"field\": NAME}", value)
            }
            return .exists(try path(name))
        case "ids":
            guard let elements = try plain(value, "values", kind)["values"]?.elements else {
                throw wrong(kind, "{\"values\": [ID, …]}", value)
            }
            return .isOne(
                .id,
                of: try elements.map { id throws(ServerError) in
                    guard let id = id.string else { throw wrong(kind, "texts", id) }
                    return .text(ByteString(id))
                })
        case "range": return try range(value)
        case "bool": return try bool(value)
        default:
            throw ServerError(
                .badRequest,
                "'\(kind)' is no filter here; there is term, terms, range, exists, prefix, ids, match_all and bool.")
        }
    }

    /// One filter or a list of them.
    static func filters(_ body: JSONTree?) throws(ServerError) -> [Filter] {
        guard let body else { return [] }
        guard let elements = body.elements else { return [try filter(body)] }
        var filters: [Filter] = []
        for element in elements { filters.append(try filter(element)) }
        return filters
    }

    private static func range(_ body: JSONTree) throws(ServerError) -> Filter {
        let (field, bounds) = try only(body, "range")
        var parts: [Filter] = []
        for (name, value) in bounds.members ?? [] {
            let comparison: Filter.Comparison
            switch name {
            case "gte": comparison = .atLeast
            case "gt": comparison = .above
            case "lte": comparison = .atMost
            case "lt": comparison = .below
            default: throw ServerError(.badRequest, "'range' takes gte, gt, lte and lt, not '\(name)'.")
            }
            parts.append(.compare(field, comparison, try scalar(value, "range")))
        }
        guard !parts.isEmpty else { throw wrong("range", "{FIELD: {\"gte\": VALUE}}", body) }
        return .all(parts)
    }

    private static func bool(_ body: JSONTree) throws(ServerError) -> Filter {
        var parts: [Filter] = []
        guard let members = body.members else { throw wrong("bool", "{\"filter\": [FILTER, …]}", body) }
        for (name, value) in members {
            switch name {
            case "must", "filter": parts += try filters(value)
            case "must_not": parts += try filters(value).map { .not($0) }
            case "should": parts.append(.any(try filters(value)))
            default: throw ServerError(.badRequest, "'bool' takes must, filter, must_not and should, not '\(name)'.")
            }
        }
        return .all(parts)
    }

    /// An object with one member that is known, beside a boost.
    private static func plain(_ body: JSONTree, _ name: String, _ kind: String) throws(ServerError) -> JSONTree {
        if let other = body.members?.first(where: { $0.key != name && $0.key != "boost" }) {
            throw ServerError(.badRequest, "'\(kind)' takes \(name), not '\(other.key)'.")
        }
        return body
    }

    private static func only(_ body: JSONTree, _ kind: String) throws(ServerError) -> (MetadataPath, JSONTree) {
        guard let members = body.members, members.count == 1, let (name, value) = members.first else {
            throw wrong(kind, "an object with one field", body)
        }
        return (try path(name), value)
    }

    private static func path(_ name: String) throws(ServerError) -> MetadataPath {
        if name == "_id" { return .id }
        let names = name.split(separator: ".", omittingEmptySubsequences: false).map { ByteString(String($0)) }
        guard !names.contains(where: { $0.string.isEmpty }), let path = MetadataPath(names) else {
            throw ServerError(.badRequest, "'\(name)' is no name of a field.")
        }
        return path
    }

    private static func scalar(_ value: JSONTree, _ kind: String) throws(ServerError) -> MetadataScalar {
        switch value {
        case .null: return .null
        case .bool(let value): return .truth(value)
        case .number(let value) where value.isFinite: return .number(value)
        case .string(let text): return .text(ByteString(text))
        default: throw wrong(kind, "a text, a number or a truth value", value)
        }
    }

    private static func wrong(_ kind: String, _ wanted: String, _ found: JSONTree) -> ServerError {
        ServerError(.badRequest, "'\(kind)' needs \(wanted), not \(found.label).")
    }
}
