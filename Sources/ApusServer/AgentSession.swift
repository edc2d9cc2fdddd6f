public import Apus
import HTTPTypes

/// The Model Context Protocol over lines of JSON-RPC 2.0: indexes as tools of an agent.
///
/// ```swift
/// let session = AgentSession([("tour", try SearchIndex("Indexes/tour"))])
/// while let line = readLine() { if let answer = session.answer(to: line) { print(answer) } }
/// ```
///
/// Source: modelcontextprotocol.io, revision 2025-06-18; older clients get the revision that they ask for. Tools only read.
public struct AgentSession: Sendable {
    /// Revisions that differ in nothing that is used here.
    private static let revisions = ["2024-11-05", "2025-03-26", "2025-06-18"]
    /// Bytes of a text that a tool returns at most.
    private static let longestText = 64 << 10
    private let indexes: [(name: String, index: SearchIndex)]

    /// - Parameter indexes: Names and indexes, at least one.
    public init(_ indexes: [(name: String, index: SearchIndex)]) { self.indexes = indexes }

    /// An error of the protocol.
    private struct Fault: Error {
        let code: Int
        let message: String
    }

    /// What a tool answers: the same for programs and for readers.
    private struct Result {
        let structured: String
        let text: String
    }

    /// The answer to one message; nil for a notification.
    public func answer(to line: String) -> String? {
        guard let message = JSONTree(Array(line.utf8)) else {
            return Self.failure("null", Fault(code: -32700, message: "This is no JSON."))
        }
        guard message.members != nil, let method = message["method"]?.string else {
            return Self.failure("null", Fault(code: -32600, message: "A request is an object with a 'method'."))
        }
        guard let id = Self.id(message) else { return nil }
        do throws(Fault) {
            return "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"result\":\(try result(method, message["params"]))}"
        } catch {
            return Self.failure(id, error)
        }
    }

    private static func failure(_ id: String, _ fault: Fault) -> String {
        "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"error\":{\"code\":\(fault.code),\"message\":\(JSONText.quoted(fault.message))}}"
    }

    /// The request's id as it is spelled back; nil for a notification.
    private static func id(_ message: JSONTree) -> String? {
        switch message["id"] {
        case .string(let text)?: JSONText.quoted(text)
        case .number(let value)?: Int(exactly: value).map { "\($0)" } ?? JSONQuoting.number(value)
        default: nil
        }
    }

    private func result(_ method: String, _ parameters: JSONTree?) throws(Fault) -> String {
        switch method {
        case "initialize":
            let asked = parameters?["protocolVersion"]?.string ?? ""
            let revision = Self.revisions.contains(asked) ? asked : Self.revisions.last ?? asked
            let names = indexes.map { "'\($0.name)' (\($0.index.snapshot.documentCount) documents)" }.joined(
                separator: ", ")
            return "{\"protocolVersion\":\"\(revision)\",\"capabilities\":{\"tools\":{}},"
                + "\"serverInfo\":{\"name\":\"apus\",\"version\":\(JSONText.quoted(ApusVersion.number))},"
                + "\"instructions\":\(JSONText.quoted("Searches these indexes: \(names). Search first; then get what looks right."))}"
        case "ping": return "{}"
        case "tools/list": return "{\"tools\":[\(AgentTool.allCases.map(\.listing).joined(separator: ","))]}"
        case "tools/call":
            guard let name = parameters?["name"]?.string, let tool = AgentTool(rawValue: name) else {
                throw Fault(
                    code: -32602,
                    message:
                        "There is no tool '\(parameters?["name"]?.string ?? "")'; there is \(AgentTool.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            do {
                let result = try call(tool, parameters?["arguments"] ?? .object([]))
                return "{\"content\":[{\"type\":\"text\",\"text\":\(JSONText.quoted(result.text))}],"
                    + "\"structuredContent\":\(result.structured),\"isError\":false}"
            } catch {
                // What the agent did wrong, for it to read and do better.
                return
                    "{\"content\":[{\"type\":\"text\",\"text\":\(JSONText.quoted(ServerError.describing(error).message))}],\"isError\":true}"
            }
        default: throw Fault(code: -32601, message: "There is no method '\(method)'.")
        }
    }

    // MARK: Tools

    private func call(_ tool: AgentTool, _ arguments: JSONTree) throws -> Result {
        let (name, index) = try opened(arguments["index"]?.string)
        var options = SearchOptions()
        options.hits = try arguments["hits"].map { try (1...100).whole($0.integer, "hits", found: $0.label) } ?? 10
        switch tool {
        case .search:
            if let mode = arguments["mode"]?.string {
                guard let known = SearchMode(rawValue: mode) else {
                    throw ServerError(.badRequest, "'mode' must be \(SearchMode.list(last: " or ")), not '\(mode)'.")
                }
                options.mode = known
            }
            options.filter = try arguments["filter"]?.string.map { try Filter(parsing: $0) }
            let query = try text(arguments, "query")
            return try list(try index.withSnippets(index.search(query, options), of: query, options), name) {
                $0.snippet?.text
            }
        case .similar:
            return try list(try index.withTexts(index.similar(to: try text(arguments, "id"), options)), name) {
                $0.text.map { String($0.prefix(240)) }
            }
        case .get:
            let id = try text(arguments, "id")
            guard let document = try index.documents.documents([id])[ByteString(id)] else {
                throw ServerError(.notFound, "'\(name)' has no document '\(id)'.")
            }
            let passages = try index.passages(of: document)
            if let asked = arguments["passage"] {
                let number = try (1...passages.count).whole(asked.integer, "passage", found: asked.label)
                let passage = passages[number - 1]
                guard let text = passage.text else {
                    throw ServerError(.badRequest, "Where the passages of '\(id)' lie is not known. Get it whole.")
                }
                return Result(
                    structured:
                        "{\"index\":\(JSONText.quoted(name)),\"id\":\(JSONText.quoted(id)),\"passage\":\(try AnswerJSON.text(passage, pretty: false))}",
                    text: text)
            }
            var cut = document
            let isCut = document.text.utf8.count > Self.longestText
            if isCut { cut.text = String(decoding: document.text.utf8.prefix(Self.longestText), as: UTF8.self) }
            return Result(
                structured:
                    "{\"index\":\(JSONText.quoted(name)),\"id\":\(JSONText.quoted(id)),\"truncated\":\(isCut),\"passages\":\(passages.count),\"document\":\(JSONQuoting.source(cut))}",
                text: [cut.title, cut.text, cut.metadata ?? ""].filter { !$0.isEmpty }.joined(separator: "\n\n")
                    + (isCut ? "\n\n(The text goes on; \(Self.longestText) bytes are shown.)" : ""))
        case .explain:
            let words = try index.inWords(try text(arguments, "query"), document: try text(arguments, "id"), options)
            return Result(
                structured: try AnswerJSON.text(words, pretty: false), text: words.sentences.joined(separator: " "))
        case .stats:
            let report = try IndexReport(of: index, topics: nil, options: options)
            let told =
                "'\(name)' has \(report.documents) documents; its model is \(report.model), its analyzer \(report.analyzer)."
            return Result(structured: try AnswerJSON.text(report, pretty: false), text: told)
        }
    }

    private func list(
        _ answer: SearchAnswer, _ name: String, _ passage: (RankedDocument) -> String?
    ) throws -> Result {
        var (hits, lines) = ([String](), [String]())
        for document in answer.documents {
            let (title, passage) = (document.title ?? "", passage(document) ?? "")
            let scored = document.passage
            let part = try scored.map { ",\"part\":" + (try AnswerJSON.text($0, pretty: false)) } ?? ""
            hits.append(
                "{\"rank\":\(document.rank),\"id\":\(JSONText.quoted(document.id)),\"score\":\(JSONQuoting.number(document.score)),"
                    + "\"title\":\(JSONText.quoted(title)),\"passage\":\(JSONText.quoted(passage))\(part)}")
            let place = scored.map { " (passage \($0.number) of \($0.of))" } ?? ""
            lines.append("\(document.rank). \(document.id)\(title.isEmpty ? "" : " — \(title)")\(place)\n   \(passage)")
        }
        let notes = answer.notes.map(JSONText.quoted).joined(separator: ",")
        return Result(
            structured:
                "{\"index\":\(JSONText.quoted(name)),\"mode\":\"\(answer.mode.rawValue)\",\"notes\":[\(notes)],\"hits\":[\(hits.joined(separator: ","))]}",
            text: lines.isEmpty ? "No document matches." : lines.joined(separator: "\n"))
    }

    private func text(_ arguments: JSONTree, _ name: String) throws(ServerError) -> String {
        guard let text = arguments[name]?.string, !text.isEmpty else {
            throw ServerError(.badRequest, "The argument '\(name)' is missing.")
        }
        guard text.utf8.count <= Self.longestText else {
            throw ServerError(.badRequest, "The argument '\(name)' is too long.")
        }
        return text
    }

    /// The index of this name at its newest commit.
    private func opened(_ name: String?) throws -> (String, SearchIndex) {
        guard let name else {
            guard indexes.count == 1 else {
                throw ServerError(.badRequest, "Name the 'index': \(indexes.map(\.name).joined(separator: ", ")).")
            }
            return (indexes[0].name, try indexes[0].index.refresh())
        }
        guard let found = indexes.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            throw ServerError.noIndex(name, indexes.map(\.name))
        }
        return (found.name, try found.index.refresh())
    }
}
