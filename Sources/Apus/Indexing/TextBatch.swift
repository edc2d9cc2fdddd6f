import CorpusFormats
import Dispatch
import Synchronization
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
        let size = (texts.count + parts - 1) / max(1, parts)
        let results = Mutex([Int: [TermBuffer]]())
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = min(part * size, texts.count)..<min((part + 1) * size, texts.count)
            let buffers = texts[range].map { text in
                var buffer = TermBuffer()
                analyzer.analyze(text, into: &buffer)
                return buffer
            }
            results.withLock { $0[part] = buffers }
        }
        return results.withLock { found in (0..<parts).flatMap { found[$0] ?? [] } }
    }
}
