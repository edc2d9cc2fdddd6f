import CApusKernels
import FileStorage

/// Writes one immutable segment: a safetensors container with both fields and the documents' external ids.
///
///     id.bytes U8, id.ends U32 [documents]    external ids by docid
///     id.descending U32 [documents]           docids by external id, descending by UTF-8 bytes
///     rows U32 [documents]                    the row of each docid in the segment's texts
///     text.words U32 [documents]              how many words each document has, exactly; older segments lack it
///     checksums U32 [pages]                   CRC-32C of each 4,096 bytes before it, see CheckedFile; the last tensor
///
/// The fields' tensors are described at FieldEncoder.
enum SegmentFile {
    static func write(
        to directory: String, name: String, permissions: UInt32?, ids: [String], rows: [UInt32], lengths: [UInt8],
        wordCounts: [UInt32], fields: [FieldEncoder], words: Int, documentsWithText: Int, clipped: Int, dropped: Int,
        scale: Float?,
        isReordered: Bool = false
    ) throws(StorageError) -> SegmentEntry {
        var idBytes: [UInt8] = []
        var idEnds: [UInt32] = []
        for id in ids {
            idBytes.append(contentsOf: id.utf8)
            idEnds.append(UInt32(idBytes.count))
        }
        let descending = ids.indices.sorted { ids[$1].utf8.lexicographicallyPrecedes(ids[$0].utf8) }.map(UInt32.init)

        var tensors: [SafetensorsWriter.Declaration] = [
            .init("id.bytes", .u8, shape: [idBytes.count]), .init("id.ends", .u32, shape: [ids.count]),
            .init("id.descending", .u32, shape: [ids.count]), .init("rows", .u32, shape: [rows.count]),
            .init("text.lengths", .u8, shape: [lengths.count]),
            .init("text.words", .u32, shape: [wordCounts.count]),
        ]
        for field in fields {
            let name = field.field.rawValue
            tensors += [
                .init("\(name).term.bytes", .u8, shape: [field.termBytes.count]),
                .init("\(name).term.ends", .u32, shape: [field.termEnds.count]),
                .init("\(name).term.postings", .u32, shape: [field.termPostings.count]),
                .init("\(name).term.blocks", .u32, shape: [field.termBlocks.count]),
                .init("\(name).block.bounds", .u32, shape: [field.blockBounds.count]),
                .init("\(name).block.pairs", .u8, shape: [field.blockBoundPairs.count / 2, 2]),
                .init("\(name).block.last", .u32, shape: [field.blockLast.count]),
                .init("\(name).block.offset", .u32, shape: [field.blockOffset.count]),
                .init("\(name).postings", .u8, shape: [field.postings.count + Int(APUS_POSTING_PADDING)]),
            ]
            guard field.field == .learned else { continue }
            let dense = field.denseTerms.count
            tensors += [
                .init(
                    "learned.term.leaders", .u8, shape: [field.leaders.count / leaderRanks.count, leaderRanks.count]),
                .init("learned.dense.terms", .u32, shape: [dense]),
                .init("learned.dense.maxima", .u8, shape: [dense, field.denseMaxima.count / max(1, dense)]),
            ]
        }
        let path = directory + "/" + name
        let writer = try SafetensorsWriter(
            path: path, tensors: tensors, metadata: ["format": "apus segment 4"], permissions: permissions,
            checksums: true)
        try writer.append("id.bytes", idBytes)
        try writer.append("id.ends", idEnds)
        try writer.append("id.descending", descending)
        try writer.append("rows", rows)
        try writer.append("text.lengths", lengths)
        try writer.append("text.words", wordCounts)
        for field in fields {
            let name = field.field.rawValue
            try writer.append("\(name).term.bytes", field.termBytes)
            try writer.append("\(name).term.ends", field.termEnds)
            try writer.append("\(name).term.postings", field.termPostings)
            try writer.append("\(name).term.blocks", field.termBlocks)
            try writer.append("\(name).block.bounds", field.blockBounds)
            try writer.append("\(name).block.pairs", field.blockBoundPairs)
            try writer.append("\(name).block.last", field.blockLast)
            try writer.append("\(name).block.offset", field.blockOffset)
            try writer.append(
                "\(name).postings", field.postings + [UInt8](repeating: 0, count: Int(APUS_POSTING_PADDING)))
            guard field.field == .learned else { continue }
            try writer.append("learned.term.leaders", field.leaders)
            try writer.append("learned.dense.terms", field.denseTerms)
            try writer.append("learned.dense.maxima", field.denseMaxima)
        }
        let written = try writer.commit()
        return SegmentEntry(
            file: name, documents: ids.count, bytes: written.bytes, crc32c: written.root, words: words,
            documentsWithText: documentsWithText, clipped: clipped, dropped: dropped,
            isReordered: isReordered, scale: scale)
    }
}
