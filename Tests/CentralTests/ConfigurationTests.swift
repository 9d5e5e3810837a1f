import Central
import EdgeCore
import EdgeTesting
import Foundation
import SyncCore
import Testing
import Vault

@Suite("Configurations for devices", .onEachStorage)
struct ConfigurationTests {
    let fleet: Fleet
    let desk: FleetDesk

    init() async throws {
        fleet = try Fleet()
        desk = try await fleet.open()
    }

    private func member(_ scopes: [ScopeID] = []) async throws -> TestDevice {
        let device = try TestDevice()
        try await device.join(desk, scopes: scopes)
        try await device.pull(desk)
        return device
    }

    private func question(
        _ device: TestDevice, _ report: ConfigurationReport = ConfigurationReport(serial: 0, state: .none),
        wait: Int = 0
    ) -> PullRequest {
        var request = device.pullRequest(wait: wait)
        request.configuration = report
        return request
    }

    private func read(_ answer: PullAnswer) throws -> FleetConfiguration? {
        guard let note = answer.configuration else { return nil }
        let text = try SignedNote.open(
            note, signedAs: FleetConfiguration.signerName, publicKey: fleet.vault.publicKey, fleet.vault)
        let configuration: FleetConfiguration? = FleetConfiguration(text: try #require(text))
        #expect(configuration != nil, "central's own words are not read")
        return configuration
    }

    /// What a device is told that reports this.
    private func told(
        _ device: TestDevice, _ report: ConfigurationReport = ConfigurationReport(serial: 0, state: .none)
    ) async throws -> FleetConfiguration? {
        try read(try await desk.pull(question(device, report), of: device.id))
    }

    private func taken(_ serial: UInt64) -> ConfigurationReport { ConfigurationReport(serial: serial, state: .taken) }

    private func code(_ body: () async throws -> some Any) async -> ErrorCode? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? EdgeError)?.code }
    }

    @Test("a device is told what is set for it, signed and by name, until it says that it heard")
    func told() async throws {
        let device = try await member()
        #expect(try await told(device) == nil)
        let entry = try await desk.setConfiguration("[log]\nlevel = \"debug\"", for: .fleet)
        let first = try #require(try await told(device))
        #expect(first.serial == entry.serial && first.device == device.id)
        #expect(first.parts == [.init(name: "fleet", toml: "[log]\nlevel = \"debug\"")])
        #expect(try await told(device, ConfigurationReport(serial: entry.serial, state: .refused)) == nil)
        #expect(try await desk.pull(device.pullRequest(), of: device.id).configuration == nil, "who takes none")
    }

    @Test("it comes to whoever waits")
    func wakes() async throws {
        let device = try await member()
        let (request, id) = (question(device, wait: 30_000), device.id)
        async let answer = desk.pull(request, of: id)
        // Set before or after the device waits: it hears of it either way.
        let entry = try await desk.setConfiguration("[log]\nlevel = \"debug\"", for: .device(id))
        let told = try read(try await answer)
        #expect(told?.serial == entry.serial)
    }

    @Test("what some devices get first the others get by promotion, once the first have it in force")
    func staged() async throws {
        let (north, south) = (try await member(), try await member())
        let old = try await desk.setConfiguration("[log]\nlevel = \"info\"", for: .fleet)
        let staged = try await desk.setConfiguration("[log]\nlevel = \"debug\"", for: .fleet, first: [north.id])
        #expect(try await told(north, taken(old.serial))?.parts.map(\.toml) == ["[log]\nlevel = \"debug\""])
        #expect(try await told(south, taken(old.serial)) == nil)
        #expect(await code { try await desk.promoteConfiguration(of: .fleet) } == .requestInvalid)
        _ = try await told(north, ConfigurationReport(serial: staged.serial, state: .trial))
        #expect(await code { try await desk.promoteConfiguration(of: .fleet) } == .requestInvalid)
        _ = try await told(north, taken(staged.serial))
        let general = try await desk.promoteConfiguration(of: .fleet)
        #expect(general.serial > staged.serial)
        #expect(try await told(south, taken(old.serial))?.parts.map(\.toml) == ["[log]\nlevel = \"debug\""])
        #expect(await code { try await desk.promoteConfiguration(of: .fleet) } == .requestInvalid, "nothing is staged")
    }

    @Test("what was withdrawn is gone for all, what was staged alone for the first ones")
    func withdrawn() async throws {
        let device = try await member()
        let old = try await desk.setConfiguration("[log]\nlevel = \"info\"", for: .fleet)
        let staged = try await desk.setConfiguration("[log]\nlevel = \"debug\"", for: .fleet, first: [device.id])
        _ = try await desk.withdrawConfiguration(of: .fleet, stagedOnly: true)
        #expect(try await told(device, taken(staged.serial))?.parts.map(\.toml) == ["[log]\nlevel = \"info\""])
        let gone = try await desk.withdrawConfiguration(of: .fleet)
        #expect(
            try await told(device, taken(old.serial))
                == FleetConfiguration(
                    device: device.id, serial: gone.serial, parts: []))
        #expect(await code { try await desk.withdrawConfiguration(of: .fleet) } == .requestInvalid)
    }

    @Test("a roll-back brings what all went by before, and takes what is staged; a second one undoes it")
    func rolledBack() async throws {
        let device = try await member()
        #expect(await code { try await desk.rollBackConfiguration(of: .fleet) } == .requestInvalid)
        let first = try await desk.setConfiguration("[log]\nlevel = \"info\"", for: .fleet)
        _ = try await desk.setConfiguration("[log]\nlevel = \"debug\"", for: .fleet)
        // The same text once more is no change to go back from.
        let second = try await desk.setConfiguration("[log]\nlevel = \"debug\"", for: .fleet)
        let former = FleetConfigurations.Former(toml: "[log]\nlevel = \"info\"", serial: first.serial)
        #expect(try await desk.configurations().former == [.fleet: former])
        _ = try await desk.setConfiguration("[log]\nlevel = \"error\"", for: .fleet, first: [device.id])
        let back = try await desk.rollBackConfiguration(of: .fleet)
        let told = try #require(try await told(device, taken(second.serial)))
        #expect(told.parts.map(\.toml) == ["[log]\nlevel = \"info\""] && told.serial == back.serial)
        let again = try await desk.rollBackConfiguration(of: .fleet)
        #expect(again.toml == "[log]\nlevel = \"debug\"" && again.serial > back.serial)
        // Where nothing was before, nothing is again.
        _ = try await desk.setConfiguration("[log]\nlevel = \"info\"", for: .device(device.id))
        #expect(try await desk.rollBackConfiguration(of: .device(device.id)).toml == nil)
    }

    @Test("how devices stand with it is told of the books")
    func overview() async throws {
        let (north, south) = (try await member(), try await member())
        let entry = try await desk.setConfiguration("x = 1", for: .fleet)
        _ = try await told(north, taken(entry.serial))
        _ = try await told(south, ConfigurationReport(serial: entry.serial, state: .refused, problem: "x"))
        let devices = [north.id, south.id].map {
            SyncCore.FleetDevice(
                id: $0, name: "door", standing: .active, client: nil, model: TestDevice.model, software: "",
                joinedAt: Date())
        }
        let general = try #require(try await desk.configurations().overview(of: devices).first?.general)
        #expect(general.devices == [north.id: .applied, south.id: .refused] && general.problems == [south.id: "x"])
    }

    @Test("a device that gets other scopes hears what it goes by there")
    func assigned() async throws {
        let scope = try await desk.createScope(named: "annex")
        let device = try await member()
        let entry = try await desk.setConfiguration("[log]\nlevel = \"debug\"", for: .scope(scope.id))
        #expect(try await told(device, taken(entry.serial)) == nil)
        #expect(try await told(device) == nil)
        _ = try await desk.assign([scope.id], to: device.id)
        #expect(try await told(device, taken(entry.serial))?.parts.map(\.name) == ["scope annex"])
    }

    @Test("what devices say is kept, and survives a restart")
    func reports() async throws {
        let device = try await member()
        let entry = try await desk.setConfiguration("x = 1", for: .fleet)
        let report = ConfigurationReport(serial: entry.serial, state: .refused, problem: "fleet:1: x: unknown key")
        _ = try await told(device, report)
        #expect(try await desk.configurations().reports == [device.id: report])
        await desk.close()
        let again = try await fleet.open()
        let found = try await again.configurations()
        #expect(found.reports == [device.id: report])
        #expect(found.entries.map(\.toml) == ["x = 1"])
        await again.close()
    }

    @Test("nobody gets first what is not for them, nothing is set for whom nobody knows, no text is too long")
    func refused() async throws {
        let (north, south) = (try await member(), try await member())
        #expect(
            await code { try await desk.setConfiguration("", for: .device(north.id), first: [south.id]) }
                == .requestInvalid)
        #expect(await code { try await desk.setConfiguration("", for: .device(DeviceID())) } == .recordUnknown)
        #expect(
            await code { try await desk.setConfiguration("", for: .scope(ScopeID(rawValue: UUID()))) } == .recordUnknown
        )
        let long = String(repeating: "#", count: 65 * 1024)
        #expect(await code { try await desk.setConfiguration(long, for: .fleet) } == .requestInvalid)
    }

    @Test("a quarantined device is told nothing")
    func quarantined() async throws {
        let device = try await member()
        _ = try await desk.setConfiguration("[log]\nlevel = \"debug\"", for: .fleet)
        _ = try await desk.quarantine(device.id, because: "test")
        #expect(try await told(device) == nil)
    }
}
