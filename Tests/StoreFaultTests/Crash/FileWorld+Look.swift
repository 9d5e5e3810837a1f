import EdgeCore
import EdgeTesting
import Foundation
import Vault

@testable import Store
@testable import StoreTesting

/// What must be so at any time in such a life; these look only while no call fails.
extension FileWorld {
    /// Alarms of somebody who touched the store: a disk that fails is none of them.
    static let alarms = Set(StoreAlarm.Kind.allCases.map(\.rawValue))
        .union([ErrorCode.storeCorrupt.rawValue, "store.recovered", "vault.rotation.held"])

    /// Everybody is there once, nobody who was erased, each line once, and nothing is wrong with anything.
    func look() async throws {
        let store = try opened()
        let found = try await store.verify()
        try require(found.isWhole, "the store is not as it was written: \(found)")
        let names = try await store.gallery().map(\.person.externalID)
        try require(names.sorted() == people.sorted(), "\(names.sorted()) are there, and not \(people.sorted())")
        for name in erased {
            let person = try await store.person(externalID: name, of: client())
            try require(person == nil, "\(name) was erased and is there")
        }
        let actions = try await store.newest(100_000).map(\.action)
        for line in lines {
            let count = actions.count { $0 == line }
            try require(count == 1, "\(line) is there \(count) times")
        }
        if let sealKey { try await lookAtSeals(sealKey, store) }
        try lookAtBackups(store)
    }

    /// After what housekeeping does no condition holds any more, but that of copies, which an exchange of the keys or a start ends.
    func keepHouse() async throws {
        let store = try opened()
        try await store.syncAnchor()
        try store.room.look()
        let left = conditions.subtracting(["store.copies"])
        try require(left.isEmpty, "conditions stay")
        try require(size(of: "\(path)/\(DiskRoom.fileName)") == Self.reserve, "there is no reserve")
    }

    /// The key on disk is the one that the database asks for, and no other.
    func lookAtTail() async throws {
        let position = try await opened().read { db in try TailPosition(db) }
        guard let position else { return try require(false, "lines are not sealed any more") }
        let kept = try TailFile(directory: path, keys()).keys()
        try require(kept.count == 1 && kept[0].isAt(position), "\(kept.count) keys of the tail are on disk")
    }

    private func lookAtSeals(_ key: AuditTailKey, _ store: EdgeStore) async throws {
        var check = AuditExportCheck(publicKey: try keys().publicKey, sealKey: key, PublicProofChecker())
        let plan = try await store.auditExportPlan(from: nil, to: nil)
        try check.take(.header(plan.header))
        for part in plan.parts {
            try check.take(.part(part.head))
            for line in try await store.auditTrail(part.lines) { try check.take(.line(line)) }
            if let proof = part.proof { try check.take(.proof(proof)) }
        }
        try check.take(.end(plan.end))
        check.finish()
        try require(check.tail?.holds == true, "the key that was given out does not check the trail: \(check.faults)")
    }

    /// Each is sound and listed; those that should be gone are told.
    private func lookAtBackups(_ store: EdgeStore) throws {
        guard !conditions.contains("store.copies") else { return }
        let ledger = try BackupLedger(in: path, keys())
        for backup in store.backups() {
            _ = try BackupFile.check(backup.path)
            try require(try ledger.lists(backup.path), "a backup is on no list")
        }
    }

    /// The anchor's file is as far as the database.
    func lookAtAnchor() async throws {
        let counter = try await opened().read { [sums = try opened().sums] _ in sums.known?.counter }
        let anchor = try Anchor(DiskAnchorFile("\(path)/\(Anchor.name)"), keys())
        try require(
            try anchor.read().record?.counter == counter || conditions.contains("store.anchor.unwritten"),
            "the anchor lags, and nobody is told")
    }

    /// What a start and an exchange of the keys take away.
    func lookForDrafts() throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: fixture.directory.path("device"))
        let drafts = names.filter { name in
            [".new", EdgeStore.draftMark, ".restored", ".mended", ".examined", ".ready"].contains { name.hasSuffix($0) }
        }
        try require(drafts.isEmpty, "drafts stay: \(drafts)")
    }

    func size(of path: String) -> Int64? {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int).map(Int64.init)
    }
}
