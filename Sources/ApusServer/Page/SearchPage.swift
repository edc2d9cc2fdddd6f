import Apus

/// The page of an index: the query, what the encoder makes of it, and what is found.
struct SearchPage {
    /// The index' name.
    let name: String
    let state: PageState
    let index: SearchIndex
    /// What reads queries; nil where BM25 is all there is.
    let encoder: SparseEncoder?
    /// What was found; nil before a query, and where it could not be answered.
    var answer: PageAnswer?
    /// Why the filter cannot be read.
    var filterError: FilterError?
    /// Why the query was not answered.
    var failure: ServerError?

    /// What is shown; an index without an encoder has BM25 alone.
    var view: PageState.View { encoder == nil ? .bm25 : state.view ?? .hybrid }

    var frame: PageFrame {
        PageFrame(
            title: state.query.isEmpty ? name : "\(state.query) – \(name)", index: name,
            content: """
                <main id="main" class="search \(view.rawValue)\(HTML.when(state.query.isEmpty, " fresh"))" >
                <h1 class="vh">Search \(name)</h1>
                \(form)
                <p id="status" role="status">\(status)</p>
                <div class="body">
                \(state.query.isEmpty ? introduction : panel)
                \(results)
                </div>
                </main>
                """)
    }

    // MARK: Asking

    private var form: HTML {
        """
        <form id="search" role="search" method="get" action="\(PageState.path(name))">
        <div class="ask">
        <label for="q" class="vh">Query</label>
        <input id="q" name="q" type="search" value="\(state.query)" autocomplete="off" spellcheck="false" enterkeyhint="search" \
        placeholder="Ask in your own words"\(HTML.when(state.query.isEmpty, " autofocus"))>
        <button type="submit">Search</button>
        </div>
        \(views)
        </form>
        """
    }

    private var views: HTML {
        guard encoder != nil else { return .nothing }
        let shown = PageState.View.allCases.filter { $0 != .fused || view == .fused }
        let choices = shown.map { choice in
            """
            <label><input type="radio" name="mode" value="\(choice.rawValue)"\(HTML.when(choice == view, " checked"))>\
            <span class="\(choice.rawValue)">\(choice.title)</span></label>
            """ as HTML
        }
        return "<fieldset class=\"views\"><legend class=\"vh\">Ranking</legend>\(choices)</fieldset>"
    }

    private var introduction: HTML {
        let count = index.snapshot.documentCount
        let documents: HTML = count == 1 ? "1 document" : "\(count) documents"
        guard encoder != nil else {
            return """
                <section class="introduction"><p>\(documents), ranked by <b>BM25</b>: by the words that you type, the rarer the \
                heavier. This server has no encoder for this index, so nothing is added to your words.</p></section>
                """
        }
        return """
            <section class="introduction">
            <p>\(documents). A small network has read each of them, and notes which terms it could be found by, also some \
            that it does not hold.</p>
            <ul>
            <li><b class="bm25">BM25</b> looks for the words you type.</li>
            <li><b class="splade">Learned</b> lets the network read your query too: it weighs what you <span class="t typed">type</span> \
            and <span class="t added">adds</span> terms of its own.</li>
            <li><b class="hybrid">Fused</b> takes both lists together; <b>Compare</b> shows all three, and where they differ.</li>
            </ul>
            </section>
            """
    }

    private var panel: HTML {
        """
        <details id="panel" class="panel" open>
        <summary>Query and settings</summary>
        \(answer.map { TermList(query: $0.query, view: view).html } ?? "<section id=\"terms\"></section>")
        \(settings)
        </details>
        """
    }

    private var settings: HTML {
        """
        <section id="settings" aria-labelledby="settings-title">
        <h2 id="settings-title">Settings</h2>
        <div class="setting">
        <label for="hits">Documents</label>
        <input id="hits" name="hits" form="search" type="range" min="1" max="\(max(50, state.hits))" value="\(state.hits)">
        <output for="hits">\(state.hits)</output>
        </div>
        \(weight)
        \(sides)
        <div class="setting wide">
        <label for="filter">Filter</label>
        <input id="filter" name="filter" form="search" type="text" value="\(state.filter)" autocomplete="off" spellcheck="false" \
        autocapitalize="off" placeholder="year >= 2020 AND lang = &quot;en&quot;"\(HTML.when(filterError != nil, " aria-invalid=\"true\"")) \
        aria-describedby="filter-failure">
        <div id="filter-failure" class="failure" role="alert">\(filterFailure)</div>
        </div>
        </section>
        """
    }

    private var weight: HTML {
        guard [.hybrid, .fused, .compare].contains(view) else { return .nothing }
        let tuned = index.settings.fusion?.weights
        let usual = tuned?.count == 2 ? tuned?.last : nil
        let value = HTML.number(state.weight ?? usual ?? SearchOptions.usualWeight, digits: 2)
        // Without JavaScript it would be part of every address, moved or not.
        return """
            <div class="setting js-only">
            <label for="weight">Learned weight</label>
            <input id="weight" name="weight" form="search" type="range" min="0" max="1" step="0.05" value="\(value)" disabled\
            \(HTML.when(state.weight != nil, " data-moved"))>
            <output for="weight">\(value)</output>
            </div>
            """
    }

    private var sides: HTML {
        guard let description = encoder?.description, description.querySides.count > 1 else { return .nothing }
        let choices = description.querySides.map { side in
            """
            <option value="\(side.rawValue)"\(HTML.when(side == state.side ?? description.defaultQuerySide, " selected"))>\(side.rawValue)</option>
            """ as HTML
        }
        return """
            <div class="setting"><label for="side">Query read by</label>
            <select id="side" name="query_side" form="search">\(choices)</select></div>
            """
    }

    private var filterFailure: HTML {
        guard let error = filterError else { return .nothing }
        let blank = String(repeating: " ", count: max(0, error.column - 1))
        return """
            <p>Column \(error.column): expected \(error.expected), found \(error.found).</p>
            <pre aria-hidden="true">\(error.text)
            \(blank)^</pre>
            """
    }

    // MARK: Answering

    private var status: HTML {
        guard let answer else {
            return filterError == nil ? .nothing : "The filter cannot be read."
        }
        let count = answer.columns.map(\.answer.documents.count).max() ?? 0
        let found = count == 0 ? "No document" : count == 1 ? "1 document" : "\(count) documents"
        let lists = answer.columns.count > 1 ? " in each of \(answer.columns.count) rankings" : ""
        return "\(found)\(lists), \(HTML.number(answer.seconds * 1000, digits: 0)) ms"
    }

    private var results: HTML {
        if let failure {
            return """
                <section id="results" class="columns one" data-error><p class="failure" role="alert">\(failure.message)</p></section>
                """
        }
        guard let answer else {
            return """
                <section id="results" class="columns one">\
                \(HTML.when(filterError != nil, "<p class=\"hint\">Nothing was searched: the filter cannot be read.</p>"))</section>
                """
        }
        let lists = answer.columns.map { HitList(column: $0, answer: answer, name: name, state: state).html }
        let notes = Set(answer.columns.flatMap(\.answer.notes)).sorted().map { "<li>\($0)</li>" as HTML }
        return """
            <section id="results" class="columns \(lists.count == 1 ? "one" : "three")" aria-label="Results">
            \(HTML.when(!notes.isEmpty, "<ul class=\"notes\">\(notes)</ul>"))
            \(lists)
            </section>
            """
    }
}
