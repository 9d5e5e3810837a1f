import EdgeCore
import EdgeTesting
import Foundation
import Vault

@testable import Store
@testable import StoreTesting

/// Something that is asked of a device, and what must be so once it was answered.
struct FileStep: Sendable {
    let name: String
    let work: @Sendable (FileWorld) async throws -> Void

    init(_ name: String, _ work: @escaping @Sendable (FileWorld) async throws -> Void) {
        self.name = name
        self.work = work
    }
}

/// A device's life, from its first start to a restored backup: everything that it writes past SQLite.
///
/// A step that failed can be done again.
enum FileSteps {
    static let life: [FileStep] =
        [FileStep("first started") { try await $0.open() }, client] + (0..<4).map(enrolled)
        + [sealed, interval(1), interval(2), anchored, room, backedUp, copied, copied, erased, backedUp, looked]
        + [exchanged, backedUp, restartedWithoutRoom, roomAgain, enrolled(4), interval(3), anchored, looked]
        + [backedUp, enrolled(5), closed, restored, FileStep("started again") { try await $0.open() }]
        + [sealed, interval(4), enrolled(6), looked, closed]

    private static let client = FileStep("client") { world in
        world.kiosk = try await world.opened().createClient(name: "kiosk").client.id
    }

    private static func enrolled(_ number: Int) -> FileStep {
        FileStep("enrolled") { world in
            let name = "E-\(number)"
            try await world.fixture.enroll(name, of: world.client(), in: world.opened(), seed: number)
            world.people.insert(name)
        }
    }

    private static let sealed = FileStep("seal key given out") { world in
        world.sealKey = try await world.opened().beginAuditTail()
        try await world.calls.paused { try await world.lookAtTail() }
    }

    private static func interval(_ number: Int) -> FileStep {
        FileStep("interval ended") { world in
            let line = "test.\(number).\(world.lines.count)"
            try await world.opened().append(
                AuditRecord(action: line, succeeded: true, at: world.fixture.clock.wall))
            world.lines.append(line)
            try await world.opened().advanceTail()
            try await world.calls.paused { try await world.lookAtTail() }
        }
    }

    private static let anchored = FileStep("anchor") { world in
        try await world.opened().syncAnchor()
        try await world.calls.paused { try await world.lookAtAnchor() }
    }

    private static let room = FileStep("reserve") { world in
        try world.opened().room.look()
        try world.require(world.size(of: "\(world.path)/\(DiskRoom.fileName)") == FileWorld.reserve, "no reserve")
    }

    private static let backedUp = FileStep("backed up") { world in
        // A name of its own.
        world.fixture.clock.advance(by: .seconds(2))
        let made = try await world.opened().backUpGenerations()
        world.backedUp = (world.people, world.lines)
        try await world.calls.paused {
            _ = try BackupFile.check(made.path)
            let isListed = try BackupLedger(in: world.path, world.keys()).lists(made.path)
            try world.require(isListed, "the backup is on no list")
        }
    }

    /// The second time in the place of the first one.
    private static let copied = FileStep("copied") { world in
        let made = try await world.opened().backUp(to: world.copy)
        try await world.calls.paused { _ = try BackupFile.check(made.path) }
    }

    private static let erased = FileStep("erased") { world in
        _ = try await world.opened().removePerson(externalID: "E-1", of: world.client())
        world.people.remove("E-1")
        world.erased.insert("E-1")
        try await world.calls.paused { try await withoutBackups(world) }
    }

    private static func withoutBackups(_ world: FileWorld) async throws {
        let left = try world.opened().backups()
        try world.require(left.isEmpty || world.conditions.contains("store.copies"), "\(left.count) backups stay")
    }

    private static let exchanged = FileStep("keys exchanged") { world in
        let keys = try world.keys()
        let report = try await world.opened().rotateKeys(keys)
        try world.require(report.destroyed == 1 && !keys.isRotating, "the former key is here: \(report)")
        try await world.calls.paused {
            let found = try KeyVault.open(keyFile: world.keyFile)
            try world.require(
                found.wrappingKeyID == keys.wrappingKeyID && !found.isRotating && !found.holdsKey(world.formerKey),
                "the keys on disk are not those in use")
            try await withoutBackups(world)
        }
    }

    /// So little is free that the reserve is given up for the rest of the start.
    private static let restartedWithoutRoom = FileStep("started without room") { world in
        world.leave(4096)
        try await world.open()
        try world.require(world.conditions.contains("store.disk.full"), "a full disk is not told")
    }

    private static let roomAgain = FileStep("room again") { world in
        world.leave(1 << 30)
        try world.opened().room.look()
        try world.require(world.size(of: "\(world.path)/\(DiskRoom.fileName)") == FileWorld.reserve, "no reserve")
        try world.require(!world.conditions.contains("store.disk.full"), "a full disk is still told")
    }

    private static let looked = FileStep("looked at") { world in
        try await world.calls.paused {
            try await world.look()
            try await world.keepHouse()
        }
    }

    private static let closed = FileStep("closed") { await $0.close() }

    /// Who was enrolled after the backup is gone, and its seal key with the trail that went on.
    private static let restored = FileStep("restored") { world in
        let (path, keys, moment) = (world.path, try world.keys(), world.fixture.clock.wall)
        guard let backup = EdgeStore.backups(in: path).first else { return try world.require(false, "no backup") }
        _ = try await blocking {
            try StoreRestore.restore(backup.path, into: path, sealer: keys, secrets: keys, at: moment)
        }
        (world.people, world.lines) = world.backedUp
        world.sealKey = nil
    }
}
