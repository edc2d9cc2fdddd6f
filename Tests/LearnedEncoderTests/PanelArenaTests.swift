import Testing

@testable import LearnedEncoder

@Suite struct PanelArenaTests {
    /// Buffers of all sizes are zero, on a border of 64 bytes and apart from each other, whether the arena has room for them or not.
    @Test func buffersLieApart() throws {
        let arena = PanelArena()
        let sizes = [1, 64, ZeroedPages.least - 1] + [0, 1, 63, 400_001].map { ZeroedPages.least + $0 }
        let buffers = (0..<6).flatMap { _ in
            (sizes + [ZeroedPages.large]).map { AlignedBuffer<UInt8>(count: $0, in: arena) }
        }
        for (index, buffer) in buffers.enumerated() {
            #expect(unsafe Int(bitPattern: buffer.pointer) % 64 == 0)
            #expect(buffer.copied().allSatisfy { $0 == 0 })
            unsafe buffer.pointer.update(repeating: UInt8(index + 1), count: buffer.count)
        }
        for (index, buffer) in buffers.enumerated() {
            #expect(buffer.copied().allSatisfy { $0 == UInt8(index + 1) }, "\(index)")
        }
        let apart = (arena.place(bytes: ZeroedPages.least - 1) == nil, arena.place(bytes: ZeroedPages.large) == nil)
        #expect(apart == (true, true))
    }
}
