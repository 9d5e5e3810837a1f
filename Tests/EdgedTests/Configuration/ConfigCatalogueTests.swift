import EdgeCore
import Foundation
import Testing

@testable import edged

@Suite("The catalogue of keys")
struct ConfigCatalogueTests {
    /// Every table is there, so that the keys of each are asked for.
    private static let allTables = """
        [http.lan]
        listen = "0.0.0.0:0"
        [[cameras]]
        device = "/dev/video0"
        [[camera_profiles]]
        name = "dusk"
        [outbox.control]
        [outbox.enrollment]
        [outbox.audit]
        [outbox.events]
        """

    private func asked() throws -> Set<String> {
        let problems = ConfigProblems()
        let source = try ConfigSource(Self.allTables, file: "edged.toml")
        _ = DaemonConfiguration.read(source.root, base: "/etc/edged", problems)
        return Set(problems.asked.map(ConfigCatalogue.plain))
    }

    /// The example with some of its keys switched on.
    private func example(_ isOn: (ConfigKey) -> Bool) -> String {
        let on = Set(ConfigCatalogue.tables.flatMap(\.keys).filter(isOn).map { "#\($0.name) = \($0.value)" })
        let tables = ConfigCatalogue.tables.filter { table in table.keys.contains(where: isOn) }
        let headers = Set(tables.map { $0.isList ? "#[[\($0.path)]]" : "#[\($0.path)]" })
        var isWithin = false
        return ConfigExample.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("#[") { isWithin = headers.contains(String(line)) }
            return isWithin && (on.contains(String(line)) || headers.contains(String(line)))
                ? String(line.dropFirst())
                : String(line)
        }.joined(separator: "\n")
    }

    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    @Test("has every key that the daemon knows, and no other")
    func complete() throws {
        let known = try asked()
        let told = Set(ConfigCatalogue.byPath.keys)
        #expect(known.subtracting(told).isEmpty, "not in the catalogue")
        #expect(told.subtracting(known).isEmpty, "nobody reads it")
    }

    @Test("the example as it is changes nothing")
    func inert() throws {
        #expect(try read(ConfigExample.text) == read(""))
    }

    @Test("what it shows as standard is what holds without it")
    func standards() throws {
        let isStandard = { (key: ConfigKey) in key.standing == .standard }
        var text = example(isStandard)
        // A camera's table needs a camera.
        text = text.replacing("\n[[cameras]]\n", with: "\n[[cameras]]\ndevice = \"/dev/video0\"\n")
        #expect(
            try read(text).entries
                == read(
                    "[[cameras]]\ndevice = \"/dev/video0\"\n[models]\ndirectory = "
                        + "\"/usr/share/edged/models\"\n[http]\nwww = \"/usr/share/edged/www\""
                ).entries)
    }

    @Test("what it shows as an example can be switched on, all at once, and changes something each")
    func examples() throws {
        let all = try read(example { $0.standing == .standard || $0.standing == .example })
        #expect(all.cameras.map(\.name) == ["front-door"])
        let keys = Set(all.entries.map { ConfigCatalogue.plain($0.key) })
        let hidden: Set = ["cameras.name", "camera_profiles.name"]
        for table in ConfigCatalogue.tables {
            for key in table.keys where key.standing == .example {
                #expect(keys.union(hidden).contains("\(table.path).\(key.name)"), "\(table.path).\(key.name)")
            }
        }
    }

    @Test("the file that is shipped is the example that the program prints")
    func shipped() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
        let file = root.appending(path: "systemd/edged.toml.example")
        #expect(
            try String(contentsOf: file, encoding: .utf8) == ConfigExample.text, "edged config example > \(file.path)")
    }

    @Test("what takes effect by a reload is what a running daemon adopts, and nothing else")
    func reloadable() throws {
        let standard = try read("")
        let changed = try read(Self.everythingElse)
        let adopted = standard.adopting(changed)
        #expect(standard.changes(to: adopted).allSatisfy { $0.isReloadable })
        #expect(adopted.changes(to: changed).allSatisfy { !$0.isReloadable })
        let reloaded = Set(standard.changes(to: adopted).map(\.key))
        let wanted = Set(ConfigCatalogue.byPath.filter { $0.value.effect == .reload }.keys)
        #expect(wanted.subtracting(reloaded).isEmpty, "not tried, or not taken over")
    }

    /// No key as it is by default.
    private static let everythingElse = """
        [store]
        directory = "/elsewhere"
        audit_retention = "10d"
        [recognition]
        verification_fmr = 1e-4
        identification_fmr = 1e-6
        [liveness]
        policy = "strict"
        threshold_logit = -1
        infrared = "required"
        infrared_offset = 0.2
        infrared_scale = 2
        [sessions]
        ttl = "2m"
        target_samples = 5
        min_frames = 2
        max_usable_frames = 12
        max_upload_frames = 30
        max_camera_frames = 300
        decision_timeout = "1500ms"
        max_open_per_client = 7
        duplicates = "warn"
        lockout_misses = 3
        lockout_first = 10
        lockout_maximum = "2h"
        [consent]
        required = true
        [retention]
        people_unseen = "100d"
        sessions = "10d"
        usage = "11d"
        security_events = "12d"
        webhook_events = "13d"
        [limits]
        frames_per_second = 7
        [log]
        level = "debug"
        """
}
