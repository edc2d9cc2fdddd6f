public import CorpusFormats
import ParallelWork
import TextAnalysis

extension CorpusDocument {
    /// What is analysed and encoded: title and text in one field, as in the "flat" indexes of BEIR.
    public var content: String {
        if title.isEmpty { return text }
        return text.isEmpty ? title : title + " " + text
    }
}

/// Word analysis of many documents on several threads.
enum TextBatch {
    /// The terms of each document, those of its title `titles` times, in the order of `documents`.
    static func analyse(_ documents: [CorpusDocument], titles: Int, with analyzer: Analyzer, threads: Int)
        -> [TermBuffer]
    {
        let (count, parts) = (documents.count, max(1, min(threads, documents.count / 32)))
        return ParallelMap.map(count: count, threads: parts, chunk: (count + parts - 1) / parts) { range in
            documents[range].map { document in
                var buffer = TermBuffer()
                analyzer.analyze(document.content, into: &buffer)
                for _ in 1..<max(titles, 1) { analyzer.analyze(document.title, into: &buffer) }
                return buffer
            }
        }
    }
}
