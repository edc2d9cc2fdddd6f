import Apus

/// A ranking as a list, each hit with the part that scored and the terms that it scored for.
struct HitList {
    let column: PageAnswer.Column
    let answer: PageAnswer
    /// The index' name.
    let name: String
    let state: PageState

    private var view: PageState.View { column.view }
    private var isAlone: Bool { answer.columns.count == 1 }
    private static let mostTerms = 5

    var html: HTML {
        let hits = zip(column.answer.documents, column.snippets).map { hit($0, $1) }
        return """
            <section class="column \(view.rawValue)" aria-labelledby="\(view.rawValue)-title">
            <h2 id="\(view.rawValue)-title"\(HTML.when(isAlone, " class=\"vh\""))>\(view.title) <span class="hint">\(view.meaning)</span></h2>
            \(hits.isEmpty ? nothing : "<ol class=\"hits\">\(hits)</ol>")
            </section>
            """
    }

    private var nothing: HTML {
        var hint: HTML = "Nothing in this index shares a term with the query."
        if !state.filter.isEmpty { hint = "The filter may let too little through." }
        if !state.moved.isEmpty { hint = "Terms were switched off or moved; they may be all there was." }
        return "<div class=\"nothing\"><p><b>No document matches.</b></p><p class=\"hint\">\(hint)</p></div>"
    }

    private func hit(_ hit: RankedDocument, _ snippet: Snippet?) -> HTML {
        let document = answer.texts[ByteString(hit.id)]
        let title = document?.title.isEmpty == false ? document?.title ?? hit.id : hit.id
        let best = column.answer.documents.first?.score ?? 0
        let address = state.path(name, document: hit.id, by: isAlone ? nil : view)
        return """
            <li class="hit" id="\(view.rawValue)-\(hit.rank)" data-doc="\(hit.id)" data-rank="\(hit.rank)">
            <h3><span class="rank" aria-hidden="true">\(hit.rank)</span><a href="\(address)" dir="auto">\(title)</a></h3>
            \(snippet.map { "<p class=\"snippet\" dir=\"auto\">\(MarkedText.html($0, answer.query))</p>" } ?? .nothing)
            <div class="foot"><span class="score" title="score">\(HTML.bar(best > 0 ? hit.score / best : 0, "score"))\
            <span class="vh">score </span>\(HTML.number(hit.score))</span>\
            \(terms(snippet))\(passage(hit))\(places(hit))\
            \(HTML.when(isAlone && title != hit.id, "<span class=\"id\"><bdi>\(hit.id)</bdi></span>"))\
            <details class="why" data-from="\(address)"><summary>Why\(HTML.when(!isAlone, "<span class=\"vh\"> in \(view.title)</span>"))\
            <span class="vh">: \(title)</span></summary>\
            <div class="told"><p><a href="\(address)#why">Why it stands here</a></p></div></details></div>
            </li>
            """
    }

    /// Which passage of a long document scored.
    private func passage(_ hit: RankedDocument) -> HTML {
        guard let passage = hit.passage else { return .nothing }
        return "<span class=\"passage\">passage \(passage.number) of \(passage.of)</span>"
    }

    /// Where the document stands in the other lists.
    private func places(_ hit: RankedDocument) -> HTML {
        if isAlone {
            let others = [(PageState.View.bm25, hit.bm25?.rank), (.splade, hit.learned?.rank)]
            return HTML(
                others.compactMap { view, rank in
                    rank.map { "<span class=\"place \(view.rawValue)\">\(view.title) \($0)</span>" }
                })
        }
        return HTML(
            answer.columns.filter { $0.view != view }.map { other in
                guard let rank = other.places[ByteString(hit.id)] else {
                    return
                        "<span class=\"place none\" title=\"not among its first \(state.hits)\">\(other.view.title) –</span>"
                }
                return """
                    <a class="place \(other.view.rawValue)" href="#\(other.view.rawValue)-\(rank)">\(other.view.title) \(rank)</a>
                    """
            })
    }

    /// The query's terms that gave most.
    private func terms(_ snippet: Snippet?) -> HTML {
        var shares: [ByteString: Double] = [:]
        for mark in snippet?.marks ?? [] {
            if let first = mark.terms.first {
                shares[ByteString(answer.query.spelled(first)), default: 0] += mark.share
            }
        }
        guard !shares.isEmpty else { return .nothing }
        let best = shares.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(Self.mostTerms)
        let items = best.map { term, _ in
            "<span class=\"t \(answer.query.isTyped(term.string) ? "typed" : "added")\"><bdi>\(term.string)</bdi></span>"
                as HTML
        }
        return "<span class=\"for\"><span class=\"vh\">scored </span>for \(items)</span>"
    }
}
