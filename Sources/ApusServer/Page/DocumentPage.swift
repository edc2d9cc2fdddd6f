import Apus

/// A document whole, with the words that scored, and why it stands where it does.
struct DocumentPage {
    /// The index' name.
    let name: String
    let state: PageState
    let id: String
    let document: CorpusDocument
    /// Why; nil without a query.
    var why: DocumentWhy?

    var frame: PageFrame {
        let title = document.title.isEmpty ? id : document.title
        return PageFrame(
            title: "\(title) – \(name)", index: name,
            content: """
                <main id="main" class="document">
                \(back)
                <article>
                <h1 dir="auto">\(document.title.isEmpty ? "\(id)" : marked.title)</h1>
                <p class="facts"><span class="id"><bdi>\(id)</bdi></span></p>
                <div class="text" dir="auto">\(marked.text)</div>
                \(metadata)
                </article>
                \(why?.html ?? .nothing)
                </main>
                """)
    }

    private var back: HTML {
        guard !state.query.isEmpty else {
            return "<p class=\"back\"><a href=\"\(PageState.path(name))\">Search \(name)</a></p>"
        }
        return """
            <p class="back"><a id="back" href="\(PageState.path(name) + state.parameters())">\
            <span aria-hidden="true">← </span>Results for “\(state.query)”</a></p>
            """
    }

    /// Title and text with their marks, which count bytes of both with a blank between them.
    private var marked: (title: HTML, text: HTML) {
        guard let why, let marks = why.marked?.marks else { return ("\(document.title)", "\(document.text)") }
        let (bytes, title) = (Array(document.content.utf8), document.title.utf8.count)
        let start = title == 0 || document.text.isEmpty ? title : title + 1
        return (
            MarkedText.html(bytes[..<title], marks, why.query),
            MarkedText.html(bytes[min(start, bytes.count)...], marks, why.query)
        )
    }

    private var metadata: HTML {
        guard let text = document.metadata, let members = JSONTree(Array(text.utf8))?.members, !members.isEmpty else {
            return .nothing
        }
        let rows = members.map { "<div><dt>\($0.0)</dt><dd dir=\"auto\">\(Self.shown($0.1))</dd></div>" as HTML }
        return "<dl class=\"metadata\">\(rows)</dl>"
    }

    /// A value for people.
    private static func shown(_ value: JSONTree) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
        case .string(let text): text
        default:
            value.elements.map { $0.map(shown).joined(separator: ", ") }
                ?? (value.members ?? []).map { "\($0.0): \(shown($0.1))" }.joined(separator: "; ")
        }
    }
}
