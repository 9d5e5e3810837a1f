import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

/// A store with people that comes to harm.
struct RecoveryFixture {
    let base: StoreFixture
    let people = 60

    init() throws { base = try StoreFixture() }

    var file: String { "\(base.path)/edged.sqlite" }
    var damage: Damage { Damage(path: file) }
    var codes: [String] { base.health.current.map(\.code) }

    /// One client, its people and a lock-out; closed.
    ///
    /// `backsUp` leaves an own backup of all but the last ten people.
    func fill(backsUp: Bool = false) async throws {
        let store = try await base.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<people {
            if number == people - 10, backsUp { _ = try await store.backUpGenerations() }
            try await base.enroll("E-\(number)", of: client, in: store, seed: number)
        }
        for _ in 0..<3 {
            let session = base.session(.verification, of: client, user: "E-0")
            try await store.begin(session)
            _ = try await store.finish(base.miss(session))
        }
        await store.close()
        try damage.forgetStop()
    }

    /// The damaged files that lie beside the store.
    func kept() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: base.path).filter { $0.contains(".damaged-") }.sorted()
    }

    /// No draft and no copy is left behind.
    func leftovers() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: base.path).filter { name in
            [".mended", ".examined", ".ready"].contains { name.contains($0) }
        }
    }

    func names(_ store: EdgeStore) async throws -> Set<String> {
        try await Set(store.gallery().map(\.person.externalID))
    }

    func report(_ store: EdgeStore) async throws -> RecoveryReport? {
        let line = try await store.newest(20).first { $0.action == "store.recovered" }
        return try line.map { try JSONDecoder().decode(RecoveryReport.self, from: Data($0.detailsJSON.utf8)) }
    }

    /// Whether all is well but that somebody has to look, and nothing is left once somebody has.
    func isWholeOnceAccepted(_ store: EdgeStore) async throws -> Bool {
        // `fill` itself took the note of the clean stop out of the table.
        let own = StoreAlarm.edited(["meta"])
        let alarms = try await store.verify().alarms.filter { $0 != own }
        guard alarms.map(\.kind) == [.mended], codes.contains("store.mended") else {
            Issue.record("\(alarms)")
            return false
        }
        try await store.acceptContents()
        return try await store.verify().isWhole && !codes.contains("store.mended")
    }

    func epochReasons(_ store: EdgeStore) async throws -> [String] {
        try await store.newest(20).filter { $0.action == "store.epoch" }.compactMap(\.reason)
    }
}
