import CApusKernels

/// A language head's int8 weights, one row a term: those of a packed file as they lie there, or copies that are read from the
/// panels, or quantised from the file's, when a term is first multiplied by itself, which most never are.
@safe final class TermRows: @unchecked Sendable {
    /// `[terms, depth]`.
    let pointer: UnsafeMutablePointer<Int8>
    /// Which rows are there, `[terms]`, see `head_screen.h`; nil where all are.
    let states: AlignedBuffer<UInt8>?
    /// What rows are quantised from, see `head_screen.h`; nil where the panels are read, or where all are there.
    let stored: UnsafePointer<Int8>?
    let scales: UnsafePointer<Float>?
    private let owners: [AnyObject]

    /// Whether the decoder's panels are needed.
    var readsPanels: Bool { unsafe states != nil && stored == nil }

    init(_ decoder: PackedLinear) {
        if let stored = decoder.stored {
            owners = [stored.owner]
            states = nil
            unsafe (self.stored, scales) = (nil, nil)
            // Nothing writes where there are no states.
            unsafe pointer = unsafe UnsafeMutableRawPointer(mutating: stored.row(0)).assumingMemoryBound(to: Int8.self)
            return
        }
        let rows = AlignedBuffer<Int8>(count: decoder.outputs * decoder.depth, isSparse: true)
        owners = [rows] + [decoder.source?.owner].compactMap(\.self)
        states = AlignedBuffer(count: decoder.columns)
        unsafe stored = unsafe decoder.source?.row(0).assumingMemoryBound(to: Int8.self)
        unsafe scales = unsafe decoder.source?.scales
        unsafe pointer = unsafe rows.pointer
    }
}
