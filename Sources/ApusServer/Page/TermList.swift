import Apus

/// The terms of a query as bars: typed, added by the encoder, and the words that BM25 looks for.
struct TermList {
    let query: PageQuery
    let view: PageState.View

    /// Lighter terms than so many stand folded away.
    private static let mostShown = 16

    var html: HTML {
        """
        <section id="terms" aria-labelledby="terms-title">
        <h2 id="terms-title">Your query</h2>
        \(view == .bm25 ? .nothing : learned)
        \(view == .splade ? .nothing : words)
        </section>
        """
    }

    /// The scale of all bars; some room above the heaviest, to make a term weigh more.
    private var largest: Float { max(0.1, (query.terms.map { max($0.given, $0.weight) }.max() ?? 0) * 1.25) }

    private var learned: HTML {
        guard !query.terms.isEmpty else {
            return query.vector == nil ? .nothing : "<p class=\"hint\">The encoder finds no term in it.</p>"
        }
        let (typed, added) = (query.terms.filter(\.isTyped), query.terms.filter { !$0.isTyped })
        let isMoved = query.terms.contains { $0.weight != $0.given }
        let cut =
            HTML.when(
                query.isTruncated,
                "<p class=\"hint\">It is longer than the encoder reads; its end counts for BM25 alone.</p>")
        return """
            <p class="hint js-only">Switch a term off, or move its bar: the results follow. \
            <button type="button" id="reset" class="link"\(HTML.when(!isMoved, " hidden"))>As it was</button></p>
            <p class="hint">In the hits, <mark class="typed middle">blue</mark> words are yours; \
            <mark class="added middle">orange</mark> ones count because the encoder knows what they mean.</p>
            \(cut)
            \(group("Typed", "typed", typed))
            \(group("Added by the encoder", "added", added))
            """
    }

    private func group(_ title: String, _ kind: String, _ terms: [PageQuery.Term]) -> HTML {
        guard !terms.isEmpty else { return .nothing }
        let rows = terms.map { row($0, kind) }
        let (first, rest) = (Array(rows.prefix(Self.mostShown)), Array(rows.dropFirst(Self.mostShown)))
        let folded: HTML =
            rest.isEmpty
            ? .nothing
            : "<details class=\"more\"><summary>\(rest.count) lighter ones</summary><ul class=\"terms\">\(rest)</ul></details>"
        return """
            <h3 class="\(kind)">\(title) <span class="count">\(terms.count)</span></h3>
            <ul class="terms">\(first)</ul>\(folded)
            """
    }

    private func row(_ term: PageQuery.Term, _ kind: String) -> HTML {
        let (name, isOff) = (term.name, term.weight == 0)
        // A term that is off keeps its place on the slider.
        let value = HTML.number(Double(isOff ? term.given : term.weight), digits: 2)
        return """
            <li class="term \(kind)\(HTML.when(isOff, " off"))" data-term="\(name)" data-given="\(HTML.number(Double(term.given), digits: 2))">\
            <label class="name"><input type="checkbox" class="js-only"\(HTML.when(!isOff, " checked"))><bdi>\(name)</bdi></label>\
            <span class="level">\(HTML.bar(Double(term.weight / largest), kind))\
            <input type="range" class="js-only" min="0.01" max="\(HTML.number(Double(largest), digits: 2))" step="0.01" value="\(value)" \
            aria-label="Weight of \(name)"></span>\
            <output>\(HTML.number(Double(term.weight), digits: 2))</output></li>
            """
    }

    private var words: HTML {
        guard !query.words.isEmpty else { return "<p class=\"hint\">BM25 finds no word in it.</p>" }
        let largest = query.words.map(\.idf).max() ?? 0
        let rows = query.words.map { word in
            """
            <li class="term word\(HTML.when(word.idf == 0, " off"))"><span class="name" title="indexed as \(word.name)">\
            <bdi>\(word.spelled)</bdi></span>\
            <span class="level">\(HTML.bar(largest > 0 ? word.idf / largest : 0, "word"))</span>\
            <output>\(word.idf == 0 ? "unknown" : HTML.number(word.idf, digits: 2))</output></li>
            """ as HTML
        }
        return """
            <h3 class="word">BM25’s words <span class="count">by rarity</span></h3>
            <ul class="terms">\(rows)</ul>
            """
    }
}
