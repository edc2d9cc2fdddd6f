import CApusKernels
import Foundation
import Synchronization

/// When a language head is screened: once it has read enough tokens to know which coordinates matter and to repay the second that a
/// screen takes to make. Until then, and where none can be made, every term is multiplied; the vectors are the same.
final class HeadScreening: Sendable {
    /// Tokens that are read before.
    static let tokens = 16_384
    /// Inputs that are kept of them.
    private static let inputs = 4096
    /// Terms of a vocabulary that is worth it.
    private static let terms = 8192

    private enum State {
        case reading(ScreenInputs, tokens: Int)
        case making
        case made(HeadScreen)
        case given
    }

    private let decoder: PackedLinear
    private let state: Mutex<State>
    private let needed: Int

    /// - Parameter stored: A screen that was made before.
    /// - Returns: nil for a head that is not screened.
    init?(
        _ decoder: PackedLinear, stored: HeadScreen? = nil, tokens: Int = HeadScreening.tokens,
        terms: Int = HeadScreening.terms
    ) {
        guard decoder.precision == .int8, decoder.split == nil, decoder.depth % 16 == 0, decoder.outputs >= terms,
            decoder.level != .neon, decoder.depth <= 2048,
            HeadScreen.rank(depth: decoder.depth) * 3 <= decoder.depth * 2
        else { return nil }
        self.decoder = decoder
        needed = tokens
        state = Mutex(stored.map { .made($0) } ?? .reading(ScreenInputs(depth: decoder.depth), tokens: 0))
    }

    /// Whether tokens are still read to calibrate on.
    var isReading: Bool { state.withLock { if case .reading = $0 { true } else { false } } }

    /// Whether there is a screen.
    var isMade: Bool { state.withLock { if case .made = $0 { true } else { false } } }

    /// The screen, made at once of what was read where that was too little to repay it; nil where there can be none.
    func finished() -> HeadScreen? {
        while true {
            let (isOver, found, inputs): (Bool, HeadScreen?, ScreenInputs?) = state.withLock { state in
                switch state {
                case .made(let screen): return (true, screen, nil)
                case .given: return (true, nil, nil)
                case .making: return (false, nil, nil)
                case .reading(let inputs, _):
                    state = .making
                    return (false, nil, inputs)
                }
            }
            if isOver { return found }
            if let inputs {
                make(inputs)
            } else {
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }

    /// The screen, if there is one by now.
    /// - Parameter batch: The inputs that are about to be multiplied.
    func screen(_ batch: apus_rows) -> HeadScreen? {
        let (found, inputs): (HeadScreen?, ScreenInputs?) = state.withLock { state in
            switch state {
            case .made(let screen): return (screen, nil)
            case .making, .given: return (nil, nil)
            case .reading(var inputs, let tokens):
                // One reference to the arrays, or each batch copies them.
                state = .making
                let share = max(1, unsafe batch.rows * Self.inputs / max(1, needed))
                unsafe inputs.append(batch, most: share)
                let read = unsafe tokens + batch.rows
                guard read >= needed else {
                    state = .reading(inputs, tokens: read)
                    return (nil, nil)
                }
                return (nil, inputs)
            }
        }
        guard let inputs else { return found }
        // The worker goes on with its batch meanwhile.
        Thread.detachNewThread { [self] in make(inputs) }
        return nil
    }

    private func make(_ inputs: ScreenInputs) {
        let made = HeadScreen(decoder, inputs)
        state.withLock { $0 = made.map { .made($0) } ?? .given }
    }
}
