import EdgeCore
import FoundationEssentials
import SyncCore

/// What devices go by besides their own files.
enum ConfigurationTable {
    /// Everything that was ever set, withdrawn entries included.
    static func all(_ db: any FleetSession) throws -> [ConfigurationRule.Entry] {
        try db.rows("SELECT * FROM configurations ORDER BY kind, target, stage").map { row in
            let target = try target(kind: row["kind"], id: row["target"])
            let ahead: String? = try row["ahead"]
            return ConfigurationRule.Entry(
                target: target, name: try name(of: target, db), toml: try row["toml"],
                first: try ahead.map { try JSONColumn.value($0) },
                serial: UInt64(clamping: try row["serial"] as Int64))
        }
    }

    /// Puts the entry in place of the one with the same target and stage.
    static func keep(_ entry: ConfigurationRule.Entry, at wall: Int64, _ db: any FleetSession) throws {
        let (kind, id) = column(entry.target)
        try db.execute(
            """
            INSERT INTO configurations (kind, target, stage, ahead, toml, serial, set_at) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (kind, target, stage) DO UPDATE SET ahead = excluded.ahead, toml = excluded.toml,
                serial = excluded.serial, set_at = excluded.set_at
            """,
            [
                kind, id, entry.first == nil ? 0 : 1,
                try entry.first.map { try JSONColumn.text($0.sorted { $0.description < $1.description }) }, entry.toml,
                Int64(clamping: entry.serial), wall,
            ])
    }

    /// What held for all devices of a target before the last change that made it another text.
    static func formers(_ db: any FleetSession) throws -> [ConfigurationTarget: FleetConfigurations.Former] {
        try db.rows("SELECT * FROM configuration_formers").reduce(into: [:]) { formers, row in
            formers[try target(kind: row["kind"], id: row["target"])] = FleetConfigurations.Former(
                toml: try row["toml"], serial: UInt64(clamping: try row["serial"] as Int64))
        }
    }

    /// Remembers what `entry` is about to replace, where that is another text.
    static func keepFormer(
        of entry: ConfigurationRule.Entry, among entries: [ConfigurationRule.Entry], _ db: any FleetSession
    ) throws {
        let present = entries.first { $0.target == entry.target && $0.first == nil }
        guard entry.first == nil, present?.toml != entry.toml else { return }
        let (kind, id) = column(entry.target)
        try db.execute(
            """
            INSERT INTO configuration_formers (kind, target, toml, serial) VALUES (?, ?, ?, ?)
            ON CONFLICT (kind, target) DO UPDATE SET toml = excluded.toml, serial = excluded.serial
            """, [kind, id, present?.toml, Int64(clamping: present?.serial ?? 0)])
    }

    static func reports(_ db: any FleetSession) throws -> [DeviceID: ConfigurationReport] {
        try db.rows("SELECT * FROM configuration_reports").reduce(into: [:]) { reports, row in
            reports[try row.id("device")] = try report(row)
        }
    }

    static func report(of device: DeviceID, _ db: any FleetSession) throws -> ConfigurationReport? {
        try db.row("SELECT * FROM configuration_reports WHERE device = ?", [device.column]).map(report)
    }

    static func keep(
        _ report: ConfigurationReport, of device: DeviceID, at wall: Int64, _ db: any FleetSession
    ) throws {
        try db.execute(
            """
            INSERT INTO configuration_reports (device, serial, state, problem, since, floor) VALUES (?, ?, ?, ?, ?, 0)
            ON CONFLICT (device) DO UPDATE SET serial = excluded.serial, state = excluded.state,
                problem = excluded.problem, since = excluded.since
            """, [device.column, Int64(clamping: report.serial), report.state.rawValue, report.problem, wall])
    }

    static func floors(_ db: any FleetSession) throws -> [DeviceID: UInt64] {
        try db.rows("SELECT device, floor FROM configuration_reports").reduce(into: [:]) { floors, row in
            floors[try row.id("device")] = try row.count("floor")
        }
    }

    /// From which number on a device has to hear what it goes by.
    static func floor(of device: DeviceID, _ db: any FleetSession) throws -> UInt64 {
        let floor: Int64? = try db.value("SELECT floor FROM configuration_reports WHERE device = ?", [device.column])
        return UInt64(clamping: floor ?? 0)
    }

    static func keep(floor: Int64, of device: DeviceID, at wall: Int64, _ db: any FleetSession) throws {
        try db.execute(
            """
            INSERT INTO configuration_reports (device, serial, state, problem, since, floor)
            VALUES (?, 0, 'none', NULL, ?, ?)
            ON CONFLICT (device) DO UPDATE SET floor = excluded.floor
            """, [device.column, wall, floor])
    }

    private static func report(_ row: FleetRow) throws -> ConfigurationReport {
        guard let state = ConfigurationReport.State(rawValue: try row["state"]) else {
            throw EdgeError(.storeCorrupt, "A device's report on its configuration is damaged.")
        }
        return ConfigurationReport(
            serial: UInt64(clamping: try row["serial"] as Int64), state: state, problem: try row["problem"])
    }

    private static func column(_ target: ConfigurationTarget) -> (kind: String, id: Data) {
        switch target {
        case .fleet: ("fleet", Data([0]))
        case .scope(let scope): ("scope", scope.column)
        case .device(let device): ("device", device.column)
        }
    }

    private static func target(kind: String, id: Data) throws -> ConfigurationTarget {
        switch kind {
        case "fleet": .fleet
        case "scope": .scope(try ScopeID(column: id))
        case "device": .device(try DeviceID(column: id))
        default: throw EdgeError(.storeCorrupt, "The target of a configuration is damaged.")
        }
    }

    /// What a message calls it.
    private static func name(of target: ConfigurationTarget, _ db: any FleetSession) throws -> String {
        switch target {
        case .fleet: return "fleet"
        case .scope(let scope):
            let name: String? = try db.value("SELECT name FROM scopes WHERE id = ?", [scope.column])
            return "scope \(name ?? scope.description)"
        case .device(let device): return "device \(try DeviceTable.find(device, db)?.name ?? device.description)"
        }
    }
}
