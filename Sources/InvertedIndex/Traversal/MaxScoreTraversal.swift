/// MaxScore over one segment, with or without block bounds.
///
/// Lists are ordered by their bounds. The weakest ones, whose bounds together stay below the threshold, are not essential: a
/// document must be in some essential list, and the others are looked up only while they can still lift it.
struct MaxScoreTraversal {
    static func run(
        _ list: CursorList, segment number: Int, blockMax: Bool, _ top: inout TopK, _ counters: inout SearchCounters
    ) {
        let cursors = unsafe list.cursors
        let order = cursors.indices.sorted { unsafe cursors[$0].listBound < cursors[$1].listBound }
        // prefix[i]: the most that lists 0…i can add together.
        var prefix: [UInt64] = []
        for index in order { unsafe prefix.append((prefix.last ?? 0) + UInt64(cursors[index].listBound)) }
        var essential = 0
        while essential < order.count {
            while essential < order.count, prefix[essential] < UInt64(top.threshold) { essential += 1 }
            guard essential < order.count else { return }
            var docid = PostingCursor.end
            for index in order[essential...] { docid = unsafe min(docid, cursors[index].docid) }
            guard docid != PostingCursor.end else { return }
            var score: UInt32 = 0
            for index in order[essential...] where unsafe cursors[index].docid == docid {
                unsafe score &+= cursors[index].share()
                unsafe cursors[index].next()
                counters.postings += 1
            }
            var place = essential - 1
            while place >= 0 {
                let threshold = UInt64(top.threshold)
                if UInt64(score) + prefix[place] < threshold { break }
                let index = order[place]
                if blockMax {
                    let below = place > 0 ? prefix[place - 1] : 0
                    let bound = unsafe cursors[index].blockBound(at: docid).bound
                    if UInt64(score) + below + UInt64(bound) < threshold { break }
                    if bound == 0 {
                        place -= 1
                        continue
                    }
                }
                unsafe cursors[index].seek(docid)
                if unsafe cursors[index].docid == docid {
                    unsafe score &+= cursors[index].share()
                    counters.postings += 1
                }
                place -= 1
            }
            counters.documents += 1
            top.offer(score, segment: number, docid: docid)
        }
    }
}
