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

/// Word analysis of many texts on several threads.
enum TextBatch {
    /// The terms of each text, in the order of `texts`.
    static func analyse(_ texts: [String], with analyzer: Analyzer, threads: Int) -> [TermBuffer] {
        let parts = max(1, min(threads, texts.count / 32))
        return ParallelMap.map(count: texts.count, threads: parts, chunk: (texts.count + parts - 1) / parts) { range in
            texts[range].map { text in
                var buffer = TermBuffer()
                analyzer.analyze(text, into: &buffer)
                return buffer
            }
        }
    }
}
