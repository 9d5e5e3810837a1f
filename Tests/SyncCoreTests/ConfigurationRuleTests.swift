import EdgeCore
import Foundation
import SyncCore
import Testing

@Suite("What devices go by besides their own files")
struct ConfigurationRuleTests {
    private let north = DeviceID()
    private let south = DeviceID()
    private let home = ScopeID(rawValue: UUID())
    private let other = ScopeID(rawValue: UUID())

    private func entry(
        _ target: ConfigurationTarget, _ toml: String?, serial: UInt64, first: Set<DeviceID>? = nil
    ) -> ConfigurationRule.Entry {
        ConfigurationRule.Entry(target: target, name: "\(serial)", toml: toml, first: first, serial: serial)
    }

    private func texts(_ entries: [ConfigurationRule.Entry], _ device: DeviceID) -> [String]? {
        ConfigurationRule.effective(entries, for: device, scopes: [home, other])?.parts.map(\.toml)
    }

    @Test("the more special comes later: fleet, other scopes, home scope, the device")
    func order() {
        let entries = [
            entry(.device(north), "d", serial: 1), entry(.scope(home), "h", serial: 2),
            entry(.scope(other), "o", serial: 3), entry(.fleet, "f", serial: 4),
            entry(.device(south), "not his", serial: 9),
            entry(.scope(ScopeID(rawValue: UUID())), "strange", serial: 10),
        ]
        #expect(texts(entries, north) == ["f", "o", "h", "d"])
        let effective = ConfigurationRule.effective(entries, for: north, scopes: [home, other])
        #expect(effective?.serial == 4 && effective?.device == north)
    }

    @Test("nothing was ever set: nothing is told")
    func nothing() {
        #expect(ConfigurationRule.effective([], for: north, scopes: [home], floor: 7) == nil)
    }

    @Test("what was withdrawn is told as a change")
    func withdrawn() {
        let entries = [entry(.fleet, "f", serial: 1), entry(.scope(home), nil, serial: 5)]
        let effective = ConfigurationRule.effective(entries, for: north, scopes: [home])
        #expect(effective?.parts.map(\.toml) == ["f"])
        #expect(effective?.serial == 5)
    }

    @Test("a device whose scopes changed has to hear what it goes by, though nothing was set since")
    func floor() {
        let entries = [entry(.fleet, "f", serial: 1)]
        #expect(ConfigurationRule.effective(entries, for: north, scopes: [home], floor: 7)?.serial == 7)
        #expect(ConfigurationRule.effective(entries, for: north, scopes: [home], floor: 0)?.serial == 1)
    }

    @Test("some get it first, the others go by what is there, and hear of nothing")
    func staged() {
        let staged = entry(.fleet, "new", serial: 8, first: [north])
        let entries = [entry(.fleet, "old", serial: 3), staged]
        #expect(texts(entries, north) == ["new"])
        #expect(texts(entries, south) == ["old"])
        #expect(ConfigurationRule.effective(entries, for: south, scopes: [home])?.serial == 3)
    }

    @Test("what was staged and withdrawn brings the first ones back to what the others go by")
    func unstaged() {
        let entries = [entry(.fleet, "old", serial: 3), entry(.fleet, nil, serial: 9, first: [north])]
        let effective = ConfigurationRule.effective(entries, for: north, scopes: [home])
        #expect(effective?.parts.map(\.toml) == ["old"])
        #expect(effective?.serial == 9)
        #expect(ConfigurationRule.effective(entries, for: south, scopes: [home])?.serial == 3)
    }

    @Test("proven is what every first device has in force for good, this very change")
    func proven() {
        let staged = entry(.fleet, "new", serial: 8, first: [north, south])
        func unproven(_ reports: [DeviceID: ConfigurationReport]) -> Set<DeviceID> {
            ConfigurationRule.unproven(staged, reports)
        }
        let taken = ConfigurationReport(serial: 8, state: .taken)
        #expect(unproven([:]) == [north, south])
        #expect(unproven([north: taken, south: ConfigurationReport(serial: 8, state: .trial)]) == [south])
        #expect(unproven([north: taken, south: ConfigurationReport(serial: 7, state: .taken)]) == [south])
        #expect(unproven([north: taken, south: ConfigurationReport(serial: 8, state: .rolledBack)]) == [south])
        #expect(unproven([north: taken, south: ConfigurationReport(serial: 12, state: .taken)]).isEmpty)
    }

    @Test("what is signed reads as it was written, and nothing else does")
    func text() throws {
        let configuration = FleetConfiguration(
            device: north, serial: 5, parts: [.init(name: "fleet", toml: "[log]\nlevel = \"debug\"\n")])
        let text = try configuration.text
        #expect(FleetConfiguration(text: text) == configuration)
        #expect(FleetConfiguration(text: "edged roots v1\n" + text) == nil)
        #expect(FleetConfiguration(text: String(text.dropLast(4))) == nil)
    }

    @Test("a long problem is cut, at a letter's end")
    func longProblem() {
        let report = ConfigurationReport(serial: 1, state: .refused, problem: String(repeating: "ä", count: 5000))
        #expect((report.problem?.utf8.count ?? 0) <= ConfigurationReport.longestProblem + 3)
        #expect(report.problem?.hasSuffix("…") == true)
    }
}
