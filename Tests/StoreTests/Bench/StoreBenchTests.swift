import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Figures of the store")
struct StoreBenchTests {
    private let fixture: StoreFixture
    private let bench: StoreBench

    init() throws {
        fixture = try StoreFixture()
        bench = StoreBench(
            directory: fixture.directory.url.path, keys: fixture.vault, rounds: 1, seconds: 0.05,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test("every kind of append is measured, with and without group commit, beside the bare disk")
    func appends() async throws {
        let figures = try await bench.appends(writers: [1, 8])
        #expect(figures.appends.map(\.groupCommit) == [1, 1, 32, 32])
        #expect(figures.appends.map(\.writers) == [1, 8, 1, 8])
        for each in figures.appends {
            #expect(each.commitsPerSecond > 0)
            #expect(each.p50Ms > 0 && each.p50Ms <= each.p99Ms)
        }
        #expect(figures.bareSync.p50Ms > 0)
    }

    @Test("every kind of event is written, alone and together, and costs bytes")
    func bytes() async throws {
        let figures = try await bench.bytesPerEvent(events: 32)
        #expect(figures.map(\.event) == ["audit line", "audit line", "session", "session", "enrollment", "enrollment"])
        #expect(figures.allSatisfy { $0.events == 32 && $0.bytesWritten > 100 })
    }

    @Test("a populated store opens with everybody in it, as real people are kept")
    func opening() async throws {
        let size = try await bench.populate("people", people: 600, templates: 2)
        #expect(size > 600 * 1000)
        let opened = try await bench.opening("people") { store throws(EdgeError) in
            (try await store.gallery(), try await store.verify())
        }
        #expect(opened.openMs > 0)
        #expect(opened.outcome.0.count == 600)
        #expect(opened.outcome.0.allSatisfy { $0.templates.count == 2 })
        #expect(opened.outcome.1.isWhole)
    }
}
