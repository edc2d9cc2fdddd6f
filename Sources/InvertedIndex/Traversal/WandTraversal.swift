/// WAND and block-max WAND over one segment.
///
/// The cursors are kept in order of their docids. The pivot is the first document whose lists' bounds add up to the
/// threshold: no document before it can enter. With block bounds the pivot's own blocks must reach it too, else all
/// documents up to the nearest block end are passed over at once.
struct WandTraversal {
    static func run(
        _ list: CursorList, segment number: Int, blockMax: Bool, _ top: inout TopK, _ counters: inout SearchCounters
    ) {
        let cursors = unsafe list.cursors
        var order = Array(cursors.indices)
        while true {
            unsafe sort(&order, cursors)
            guard let pivot = unsafe pivot(order, cursors, threshold: top.threshold) else { return }
            let docid = unsafe cursors[order[pivot]].docid
            if blockMax {
                var bound: UInt64 = 0
                var nearest = unsafe pivot + 1 < order.count ? cursors[order[pivot + 1]].docid : PostingCursor.end
                for index in order[...pivot] {
                    let block = unsafe cursors[index].blockBound(at: docid)
                    bound += UInt64(block.bound)
                    nearest = min(nearest, block.last == PostingCursor.end ? block.last : block.last + 1)
                }
                if bound < UInt64(top.threshold) {
                    for index in order[...pivot] { unsafe cursors[index].seek(nearest) }
                    continue
                }
            }
            if unsafe cursors[order[0]].docid == docid {
                var score: UInt32 = 0
                for index in order[...pivot] {
                    unsafe score &+= cursors[index].share()
                    unsafe cursors[index].next()
                }
                counters.postings += pivot + 1
                counters.documents += 1
                top.offer(score, segment: number, docid: docid)
            } else {
                for index in order[...pivot] where unsafe cursors[index].docid < docid {
                    unsafe cursors[index].seek(docid)
                }
            }
        }
    }

    /// The last cursor on the first docid that the bounds let through, or nil when no document can enter any more.
    private static func pivot(_ order: [Int], _ cursors: UnsafeMutableBufferPointer<PostingCursor>, threshold: UInt32)
        -> Int?
    {
        var bound: UInt64 = 0
        for place in order.indices {
            let cursor = unsafe cursors[order[place]]
            if cursor.docid == PostingCursor.end { return nil }
            bound += UInt64(cursor.listBound)
            guard bound >= UInt64(threshold) else { continue }
            var last = place
            while last + 1 < order.count, unsafe cursors[order[last + 1]].docid == cursor.docid { last += 1 }
            return last
        }
        return nil
    }

    /// Insertion sort: after a move most cursors are in place already.
    private static func sort(_ order: inout [Int], _ cursors: UnsafeMutableBufferPointer<PostingCursor>) {
        for place in order.indices.dropFirst() {
            let moving = order[place]
            let docid = unsafe cursors[moving].docid
            var hole = place
            while hole > 0, unsafe cursors[order[hole - 1]].docid > docid {
                order[hole] = order[hole - 1]
                hole -= 1
            }
            order[hole] = moving
        }
    }
}
