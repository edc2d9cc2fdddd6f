import Apus

/// Answers of searches as JSON, appended to one text: an answer of ten documents is some 20 KB, and copying its parts from text to text takes
/// as long as finding them.
enum SearchAnswerJSON {
    /// As Anserini's server has them, with the documents.
    /// - Parameters:
    ///   - text: The query.
    ///   - snippets: One for each document, or none at all.
    ///   - name: The index's.
    /// - Throws: `EncodingError`.
    static func anserini(
        _ text: String, _ answer: SearchAnswer, _ texts: [ByteString: CorpusDocument], _ snippets: [Snippet?],
        _ name: String
    ) throws -> String {
        var json = "{\"api\":\"v1\",\"index\":"
        json.reserveCapacity(room(texts))
        JSONText.append(name, to: &json)
        json += ",\"query\":{\"text\":"
        JSONText.append(text, to: &json)
        json += "},\"mode\":\"\(answer.mode.rawValue)\",\"fallback\":\(answer.isFallback),\"tag\":"
        JSONText.append(answer.tag, to: &json)
        json += ",\"exact\":\(answer.isExact),\"notes\":["
        list(answer.notes, to: &json) { note, json in JSONText.append(note, to: &json) }
        json += "],\"candidates\":["
        try list(answer.documents.enumerated(), to: &json) { candidate, json in
            let (place, document) = candidate
            json += "{\"docid\":"
            JSONText.append(document.id, to: &json)
            json += ",\"score\":\(JSONQuoting.number(document.score)),\"rank\":\(document.rank)"
            let stored = texts[ByteString(document.id)]
            if let stored {
                json += ",\"doc\":"
                JSONQuoting.append(stored, to: &json)
            }
            if !snippets.isEmpty { json += ",\"snippet\":" + (try AnswerJSON.text(snippets[place], pretty: false)) }
            try append(document.passage, of: stored, to: &json)
            json += "}"
        }
        json += "]}"
        return json
    }

    /// As OpenSearch has a page of hits.
    /// - Parameters:
    ///   - name: The index's.
    ///   - took: Milliseconds.
    ///   - isAll: Whether there are no other hits.
    ///   - token: Of the commit that is held.
    /// - Throws: `EncodingError`.
    static func openSearch(
        _ page: ArraySlice<RankedDocument>, _ texts: [ByteString: CorpusDocument], _ name: String, took: Int,
        isAll: Bool, token: String?
    ) throws -> String {
        var json = "{\"took\":\(took),\"timed_out\":false,"
        json.reserveCapacity(room(texts))
        if let token { json += "\"pit_id\":\(JSONText.quoted(token))," }
        let best = page.first.map { JSONQuoting.number($0.score) } ?? "null"
        json +=
            "\"_shards\":{\"total\":1,\"successful\":1,\"skipped\":0,\"failed\":0},\"hits\":{\"total\":{\"value\":\(page.count),"
        json += "\"relation\":\"\(isAll ? "eq" : "gte")\"},\"max_score\":\(best),\"hits\":["
        let head = "{\"_index\":\(JSONText.quoted(name)),\"_id\":"
        try list(page, to: &json) { document, json in
            let (id, score) = (JSONText.quoted(document.id), JSONQuoting.number(document.score))
            json += head
            json += id
            json += ",\"_score\":"
            json += score
            let stored = texts[ByteString(document.id)]
            if let stored {
                json += ",\"_source\":"
                JSONQuoting.append(stored, to: &json)
            }
            try append(document.passage, of: stored, to: &json)
            json += ",\"sort\":[\(score),\(id)]}"
        }
        json += "]}}"
        return json
    }

    /// The passage that scored, with its text where the document was looked up.
    private static func append(
        _ passage: ScoredPassage?, of document: CorpusDocument?, to json: inout String
    ) throws {
        guard let passage else { return }
        json +=
            ",\"passage\":" + (try AnswerJSON.text(document.map { passage.with($0.content) } ?? passage, pretty: false))
    }

    /// Some, with commas between them.
    private static func list<Elements: Sequence>(
        _ elements: Elements, to json: inout String, _ append: (Elements.Element, inout String) throws -> Void
    ) rethrows {
        var isFirst = true
        for element in elements {
            if !isFirst { json += "," }
            isFirst = false
            try append(element, &json)
        }
    }

    /// About the bytes of an answer.
    private static func room(_ texts: [ByteString: CorpusDocument]) -> Int {
        texts.values.reduce(1024) { $0 + $1.text.utf8.count + $1.text.utf8.count / 16 + $1.title.utf8.count + 256 }
    }
}
