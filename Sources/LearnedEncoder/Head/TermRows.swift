import CApusKernels

/// A language head's int8 weights, one row a term: those of a packed file as they lie there, or copies that are read from the
/// panels when a term is first multiplied by itself, which most never are.
@safe final class TermRows: @unchecked Sendable {
    /// `[terms, depth]`.
    let pointer: UnsafeMutablePointer<Int8>
    /// Which rows are there, `[terms]`, see `head_screen.h`; nil where all are.
    let states: AlignedBuffer<UInt8>?
    private let owner: AnyObject

    init(_ decoder: PackedLinear) {
        if let stored = decoder.stored {
            owner = stored.owner
            states = nil
            // Nothing writes where there are no states.
            unsafe pointer = unsafe UnsafeMutableRawPointer(mutating: stored.row(0)).assumingMemoryBound(to: Int8.self)
            return
        }
        let rows = AlignedBuffer<Int8>(count: decoder.outputs * decoder.depth, isSparse: true)
        owner = rows
        states = AlignedBuffer(count: decoder.columns)
        unsafe pointer = unsafe rows.pointer
    }
}
