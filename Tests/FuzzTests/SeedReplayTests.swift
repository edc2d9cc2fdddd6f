import ApusTestSupport
import Foundation
import Testing

/// What Scripts/fuzz starts from, and what it has found, is fed to every test run. Seeds: Scripts/oracles/fuzz-seeds.
@Suite(.serialized) struct SeedReplayTests {
    private static func inputs(_ target: FuzzTarget, in folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let path = TestPaths.fixtures + "/\(folder)/\(target.rawValue)"
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map {
            ($0, [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + $0))))
        }
    }

    @Test(arguments: FuzzTarget.allCases)
    func everySeedIsSound(target: FuzzTarget) throws {
        let seeds = try Self.inputs(target, in: "fuzz")
        #expect(!seeds.isEmpty)
        for seed in seeds {
            let isSound = target.run(seed.bytes)
            #expect(isSound, "\(seed.name)")
        }
    }

    @Test(arguments: FuzzTarget.allCases)
    func whatWasFoundStaysFixed(target: FuzzTarget) throws {
        for input in try Self.inputs(target, in: "fuzz-found") { target.run(input.bytes) }
    }

    @Test(arguments: FuzzTarget.allCases)
    func mutatedSeedsNeverTrap(target: FuzzTarget) throws {
        var random = SplitMix64(seed: 17)
        var refused = 0
        for seed in try Self.inputs(target, in: "fuzz") {
            for _ in 0..<(target == .index ? 100 : 40) where !target.run(Self.mutated(seed.bytes, &random)) {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    /// Some bytes changed, numbers made large, the end cut off, or a part doubled.
    private static func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) where bytes.count > 2 {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeLast(bytes.count - place)
            case 1: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
            case 2:
                let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
                if let digit = digits.randomElement(using: &random) {
                    bytes.insert(contentsOf: Array("99999999999".utf8), at: digit)
                }
            default: bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }
}
