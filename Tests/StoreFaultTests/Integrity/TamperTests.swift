import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

private let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] != nil

/// A run can be repeated: the seed is in each failure's words.
private let seed =
    ProcessInfo.processInfo.environment["EDGED_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...99_999)

@Suite("Edits past the store", .serialized)
struct TamperTests {
    @Test("every random edit of the file, its log, its rows or its anchor is found")
    func edits() async throws {
        let bench = try await TamperBench()
        for files in [bench.stopped, bench.killed] {
            try bench.lay(files)
            #expect(await !bench.isFound(), "an untouched store")
        }
        var random = SplitMix(seed: seed)
        var done: [RandomEdit: Int] = [:]
        var idle = 0
        let kinds = RandomEdit.allCases
        let wanted = isDeep ? 10_000 / DeepPart.ofThisProcess.count : 240
        // Only what changed something counts; some draws hit nothing that could change.
        for round in 0..<(10 * wanted) where done.values.reduce(0, +) < wanted || done.count < kinds.count {
            let edit = kinds[round % kinds.count]
            guard let what = try edit.perform(on: bench, &random),
                try !edit.mayHitNothing || !bench.saysTheSameAsKilled()
            else {
                idle += 1
                continue
            }
            #expect(await bench.isFound(), "seed \(seed), round \(round): \(edit.rawValue) of \(what)")
            done[edit, default: 0] += 1
        }
        let total = done.values.reduce(0, +)
        #expect(total >= wanted)
        #expect(kinds.filter { done[$0] == nil }.isEmpty, "seed \(seed)")
        print("\(total) edits found, \(idle) draws that changed nothing; seed \(seed)")
    }

    @Test("a store that nobody touches raises no alarm, closed in order or killed at any moment")
    func honest() async throws {
        let (life, first) = try await StoreLife.begin(people: 2)
        await first.close()
        var random = SplitMix(seed: seed)
        for round in 0..<(isDeep ? 1000 / DeepPart.ofThisProcess.count : 20) {
            let store = try await life.fixture.open()
            for step in 0..<Int.random(in: 0...4, using: &random) {
                switch Int.random(in: 0..<5, using: &random) {
                case 0: try await life.enroll(20 + (round + step) % 7, in: store)
                case 1: try await life.goOn(in: store)
                case 2: _ = try await store.rotateKeys(life.fixture.vault)
                case 3: try await store.syncAnchor()
                default: for chore in EdgeStore.chores { await store.perform(chore) }
                }
            }
            let found = try await store.verify()
            #expect(found.isWhole, "seed \(seed), round \(round): \(found)")
            let killed = try StoreCopy(of: life)
            await store.close()
            if Bool.random(using: &random) { try killed.putBack() }
        }
    }
}

/// Steele's SplitMix64: small, and the same numbers for the same seed everywhere.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
