import EdgeCore
import Foundation
import SyncCore
import Vault

/// What central has sent for the device to go by, as it is kept between two starts.
struct FleetLayer: Codable, Equatable, Sendable {
    /// What came last; `nil` before the first.
    var sent: FleetConfiguration?
    /// What was in force for good before it.
    var proven: FleetConfiguration?
    /// What became of it.
    var report = ConfigurationReport(serial: 0, state: .none)
    /// How often the daemon was started while it was on trial.
    var starts = 0

    /// The texts that are laid over the device's own files.
    func inForce(_ own: DaemonConfiguration) -> [FleetConfiguration.Part] {
        guard own.sync.configuration == .take else { return [] }
        switch report.state {
        case .trial, .taken: return sent?.parts ?? []
        case .refused, .rolledBack: return proven?.parts ?? []
        case .none: return []
        }
    }

    /// Takes a new one on trial; what was on trial itself is no place to go back to.
    func trying(_ configuration: FleetConfiguration) -> FleetLayer {
        FleetLayer(
            sent: configuration, proven: report.state == .taken ? sent : proven,
            report: ConfigurationReport(serial: configuration.serial, state: .trial))
    }

    /// Notes why the last one is not in force.
    func without(
        _ configuration: FleetConfiguration, _ state: ConfigurationReport.State, _ problem: String
    ) -> FleetLayer {
        FleetLayer(
            sent: nil, proven: report.state == .taken ? sent : proven,
            report: ConfigurationReport(serial: configuration.serial, state: state, problem: problem))
    }

    /// A daemon that is started this often within one trial does not live by it.
    static let mostStarts = 3

    /// One more start; a configuration that kept the daemon from living is taken back.
    mutating func noteStart() {
        guard report.state == .trial, let sent else { return }
        starts += 1
        guard starts > Self.mostStarts else { return }
        self = without(sent, .rolledBack, "The daemon did not live by it: it was started \(starts) times.")
    }
}

extension FleetLayer {
    private static func path(in directory: String) -> String { directory + "/fleet-configuration.json" }

    /// What is kept; nothing where nothing is, or what is there cannot be read.
    static func load(from directory: String) -> FleetLayer {
        guard let bytes = FileManager.default.contents(atPath: path(in: directory)),
            let layer = try? JSONDecoder().decode(FleetLayer.self, from: bytes)
        else { return FleetLayer() }
        return layer
    }

    /// Throws `store.unavailable`.
    func keep(in directory: String) throws(EdgeError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let bytes = try? encoder.encode(self) else { throw EdgeError(.internalFault) }
        try OwnFile.replace(Self.path(in: directory), with: Array(bytes))
    }

    static func remove(from directory: String) { unlink(path(in: directory)) }
}

extension FleetLayer {
    /// What speaks against these texts over the device's own files, one line each.
    static func problems(
        _ parts: [FleetConfiguration.Part], over path: String?, alone: Bool = false
    ) -> [String] {
        do throws(EdgeError) {
            var theirs = ConfigSource()
            for part in parts { try theirs.add(part.toml, file: part.name) }
            let strange = theirs.places.keys(in: theirs.root).filter { key in
                ConfigCatalogue.key(key).map { $0.effect != .reload } ?? false
            }
            let foreign = strange.sorted().map { key in
                "\(theirs.places.nearest(to: key)?.description ?? ""): \(key): is the device's own to say"
            }
            guard !alone else { return foreign + others(in: theirs, than: strange) }
            guard foreign.isEmpty else { return foreign }
            let source = try ConfigSource.load(path, fleet: parts)
            _ = try DaemonConfiguration.read(source, base: ConfigSource.base(path))
            return []
        } catch {
            return error.detail.split(separator: "\n").map(String.init)
        }
    }
}

extension FleetLayer {
    /// What is wrong with a text beside keys that it must not have.
    private static func others(in source: ConfigSource, than strange: [String]) -> [String] {
        do throws(EdgeError) {
            _ = try DaemonConfiguration.read(source, base: ConfigSource.base(nil))
            return []
        } catch {
            let places = strange.map { "\(source.places.nearest(to: $0)?.description ?? ""): " }
            return error.detail.split(separator: "\n").map(String.init).filter { line in
                !places.contains { line.hasPrefix($0) }
            }
        }
    }
}

extension ConfigPlaces {
    /// The paths of all values.
    fileprivate func keys(in value: ConfigValue, at path: String = "") -> [String] {
        switch value {
        case .table(let table) where ConfigCatalogue.key(path) == nil:
            table.flatMap { keys(in: $0.value, at: path.isEmpty ? $0.key : "\(path).\($0.key)") }
        case .array(let items) where ConfigCatalogue.lists.contains(path):
            items.enumerated().flatMap { keys(in: $0.element, at: "\(path)[\($0.offset)]") }
        default: [path]
        }
    }
}
