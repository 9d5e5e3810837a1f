import Central
import EdgeCore
import EdgeTesting
import Foundation
import SyncCore
import Testing
import Vault

@Suite("Putting central's file back")
struct RestoringTests {
    let fleet: Fleet
    let device: TestDevice

    init() throws {
        fleet = try Fleet()
        device = try TestDevice()
    }

    private func copy(_ from: String, _ to: String) throws {
        let (source, target) = (fleet.directory.path(from), fleet.directory.path(to))
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(atPath: source, toPath: target)
    }

    @Test("a file that is only opened again is the same life of central")
    func same() async throws {
        var lives: Set<Incarnation> = []
        for _ in 0..<3 {
            let desk = try await fleet.open()
            lives.insert(desk.incarnation)
            await desk.close()
        }
        #expect(lives.count == 1)
    }

    @Test("an older copy of the file is a new life: devices begin their scopes anew and push what it lacks")
    func olderCopy() async throws {
        var desk = try await fleet.open()
        try await device.join(desk)
        try device.enroll("ada", desk)
        await desk.close()
        try copy("central.sqlite", "old.sqlite")
        desk = try await fleet.open()
        try await device.push(.enrollment, to: desk)
        try await device.pull(desk)
        let before = desk.incarnation
        await desk.close()
        try copy("old.sqlite", "central.sqlite")
        desk = try await fleet.open()
        #expect(desk.incarnation != before)
        let answer = try await device.pull(desk)
        #expect(answer.incarnation == desk.incarnation)
        #expect(answer.scopes.first?.isSnapshot == true && answer.scopes.first?.entries.isEmpty == true)
        #expect(try await device.open(desk).lanes.first { $0.lane == .enrollment }?.acknowledged == 0)
        #expect(try await device.push(.enrollment, to: desk).settled.count == 1)
    }

    @Test("a backup is a new life wherever it is opened, and the original goes on in its own")
    func backup() async throws {
        let desk = try await fleet.open()
        try await device.join(desk)
        try device.enroll("ada", desk)
        try await device.push(.enrollment, to: desk)
        let folder = fleet.directory.path("restored")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try await desk.backUp(to: folder + "/central.sqlite")
        try FileManager.default.copyItem(
            atPath: fleet.directory.path("central.anchor"), toPath: folder + "/central.anchor")
        let restored = try await fleet.open(in: folder)
        #expect(restored.incarnation != desk.incarnation)
        #expect(try await restored.counts() == desk.counts())
        let life = restored.incarnation
        await restored.close()
        let again = try await fleet.open(in: folder)
        #expect(again.incarnation == life)
        await desk.close()
        #expect(try await fleet.open().incarnation == desk.incarnation)
    }

    @Test("who was revoked stays out when the file is put back")
    func revoked() async throws {
        var desk = try await fleet.open()
        try await device.join(desk)
        await desk.close()
        try copy("central.sqlite", "old.sqlite")
        desk = try await fleet.open()
        _ = try await desk.revoke(device.id)
        await desk.close()
        try copy("old.sqlite", "central.sqlite")
        desk = try await fleet.open()
        #expect(try await refusal { try await device.pull(desk) } == .revoked)
    }

    @Test("leases go on in number after the file is put back")
    func leases() async throws {
        var desk = try await fleet.open()
        try await device.join(desk)
        await desk.close()
        try copy("central.sqlite", "old.sqlite")
        func serial() async throws -> UInt64 {
            let note = try await device.pull(desk).lease
            let name = FleetLease.signerName
            let text = try SignedNote.open(note, signedAs: name, publicKey: fleet.vault.publicKey, device.vault)
            return try #require(FleetLease(text: text ?? "")).serial
        }
        desk = try await fleet.open()
        let before = try await serial()
        await desk.close()
        try copy("old.sqlite", "central.sqlite")
        fleet.clock.advance(by: .seconds(1))
        desk = try await fleet.open()
        #expect(try await serial() > before)
    }

    @Test("other keys than those that the file was begun with open nothing")
    func otherKeys() async throws {
        await (try fleet.open()).close()
        let other = try KeyVault.open(keyFile: fleet.directory.path("other.key"))
        await #expect(throws: EdgeError.self) { try await fleet.open(keys: other) }
        await (try fleet.open()).close()
    }

    @Test("a second process is kept out of the file")
    func exclusive() async throws {
        let desk = try await fleet.open()
        let error = await #expect(throws: EdgeError.self) { try await fleet.open() }
        #expect(error?.code == .storeBusy)
        await desk.close()
    }
}
