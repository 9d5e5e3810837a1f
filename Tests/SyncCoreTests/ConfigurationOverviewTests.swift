import EdgeCore
import Foundation
import SyncCore
import Testing

@Suite("How devices stand with what they are to go by")
struct ConfigurationOverviewTests {
    private let home = ScopeID(rawValue: UUID())
    private let north = DeviceID()
    private let south = DeviceID()
    private let west = DeviceID()

    private func device(_ id: DeviceID, _ standing: DeviceStanding = .active, scopes: [ScopeID] = []) -> FleetDevice {
        var device = FleetDevice(
            id: id, name: "door", standing: standing, client: nil, model: ModelName(id: "sface", version: "1"),
            software: "0.4.0", joinedAt: Date(timeIntervalSince1970: 0))
        device.scopes = scopes
        return device
    }

    private func entry(
        _ target: ConfigurationTarget, _ toml: String?, _ serial: UInt64, first: Set<DeviceID>? = nil,
        name: String = "fleet"
    ) -> ConfigurationRule.Entry {
        ConfigurationRule.Entry(target: target, name: name, toml: toml, first: first, serial: serial)
    }

    private func overview(
        _ entries: [ConfigurationRule.Entry], _ reports: [DeviceID: ConfigurationReport] = [:],
        floors: [DeviceID: UInt64] = [:], of devices: [FleetDevice]
    ) -> [ConfigurationOverview] {
        FleetConfigurations(entries: entries, reports: reports, floors: floors, former: [:]).overview(of: devices)
    }

    private func report(
        _ serial: UInt64, _ state: ConfigurationReport.State, _ problem: String? = nil
    ) -> ConfigurationReport { ConfigurationReport(serial: serial, state: state, problem: problem) }

    @Test("each state of a report has its word; what is not about this number is not heard yet")
    func words() {
        let devices = (0..<6).map { _ in DeviceID() }
        let reports = [
            devices[0]: report(5, .taken), devices[1]: report(5, .trial), devices[2]: report(5, .refused, "why"),
            devices[3]: report(9, .rolledBack, "ill"), devices[4]: report(4, .taken),
        ]
        let part = overview([entry(.fleet, "x", 5)], reports, of: devices.map { device($0) }).first?.general
        let expected: [ConfigurationOverview.Standing] = [.applied, .trial, .refused, .rolledBack, .pending, .pending]
        #expect(part?.devices == Dictionary(uniqueKeysWithValues: zip(devices, expected)))
        #expect(part?.count(.pending) == 2 && part?.count(.applied) == 1)
        #expect(part?.faults == [devices[2]: .refused, devices[3]: .rolledBack])
        #expect(part?.problems == [devices[2]: "why", devices[3]: "ill"])
    }

    @Test("a target is its scope's or its own devices; who was taken out of the fleet counts nowhere")
    func members() {
        let all = [device(north, scopes: [home]), device(south), device(west, .revoked, scopes: [home])]
        let entries = [
            entry(.device(south), "d", 3, name: "device south"), entry(.scope(home), "s", 2, name: "scope home"),
            entry(.fleet, "f", 1), entry(.device(west), "w", 4, name: "device west"),
        ]
        let found = overview(entries, of: all)
        #expect(found.map(\.name) == ["fleet", "scope home", "device south", "device west"])
        let theirs = found.map { Set(($0.general?.devices ?? [:]).keys) }
        #expect(theirs == [[north, south], [north], [south], []])
    }

    @Test("those who got another text first are counted with it, and with the others once it is taken back")
    func staged() {
        let all = [device(north), device(south)]
        let taken = [north: report(8, .taken), south: report(3, .taken)]
        var entries = [entry(.fleet, "old", 3), entry(.fleet, "new", 8, first: [north])]
        let staged = overview(entries, taken, of: all).first
        #expect(staged?.general?.devices == [south: .applied] && staged?.staged?.devices == [north: .applied])
        entries[1] = entry(.fleet, nil, 9, first: [north])
        let back = overview(entries, taken, of: all).first
        #expect(back?.staged == nil && back?.general?.devices == [north: .pending, south: .applied])
        let again = overview(entries, [north: report(9, .taken), south: report(3, .taken)], of: all).first
        #expect(again?.general?.devices == [north: .applied, south: .applied])
    }

    @Test("a device that came into the scope since has not heard, whatever it took before")
    func floor() {
        let reports = [north: report(8, .taken)]
        let all = [device(north, scopes: [home])]
        let found = overview([entry(.scope(home), "s", 5)], reports, floors: [north: 9], of: all)
        #expect(found.first?.general?.devices == [north: .pending])
    }

    @Test("what was withdrawn is still told, until those who had it heard of the end")
    func withdrawn() {
        let found = overview([entry(.fleet, nil, 7)], [north: report(7, .taken)], of: [device(north), device(south)])
        #expect(found.first?.general?.entry.toml == nil)
        #expect(found.first?.general?.devices == [north: .applied, south: .pending])
    }
}
