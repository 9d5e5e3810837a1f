import EdgeCore
import FoundationEssentials
import Logging
import Store
import SyncCore

/// Has the device go by what central sends: checks it, tries it, and goes back when it makes the device ill.
actor FleetConfigurationRoom: FleetConfigurationTaker {
    private let house: House
    private let room: ConfigurationRoom
    /// The device's own file.
    private let path: String?
    private let log: Logger
    private var layer: FleetLayer
    /// What was wrong already when the trial began.
    private var knownFaults: Set<String> = []
    private let trials: AsyncStream<Void>
    private let trial: AsyncStream<Void>.Continuation

    init(house: House, room: ConfigurationRoom, path: String?, log: Logger) {
        self.house = house
        self.room = room
        self.path = path
        self.log = log
        layer = FleetLayer.load(from: house.configuration.storeDirectory)
        (trials, trial) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func report() -> ConfigurationReport { layer.report }

    func take(_ configuration: FleetConfiguration) async {
        var problems: [String] = []
        if house.configuration.sync.configuration == .refuse {
            problems = ["The device takes no configuration from central (sync.configuration)."]
        } else {
            problems = FleetLayer.problems(configuration.parts, over: path)
        }
        guard problems.isEmpty else {
            return await leave(configuration, .refused, problems.joined(separator: "\n"))
        }
        knownFaults = Set(faults)
        await keep(layer.trying(configuration))
        await note("configuration.fleet.tried", succeeded: true, configuration)
        log.notice("central's configuration is on trial", metadata: ["number": "\(configuration.serial)"])
        _ = try? await room.reload()
        trial.yield()
    }

    func forget() async {
        guard layer != FleetLayer() else { return }
        layer = FleetLayer()
        FleetLayer.remove(from: house.configuration.storeDirectory)
        house.health.clear(Self.refused)
        _ = try? await room.reload()
    }

    /// Watches trials until cancelled.
    func run() async throws {
        await resume()
        for await _ in trials { await watch() }
    }

    /// What the last run left: a trial goes on, a refusal is told again.
    private func resume() async {
        // What was good once may be wrong over files that have changed since.
        if let sent = layer.sent, layer.report.state == .trial || layer.report.state == .taken {
            let problems = FleetLayer.problems(sent.parts, over: path)
            if house.configuration.sync.configuration == .take, !problems.isEmpty {
                return await leave(sent, .refused, problems.joined(separator: "\n"))
            }
        }
        if layer.report.state == .refused || layer.report.state == .rolledBack { raise() }
        if layer.report.state == .trial { trial.yield() }
    }

    /// Until the trial is over one way or the other.
    private func watch() async {
        guard layer.report.state == .trial, let sent = layer.sent else { return }
        let end = house.clock.instant.advanced(by: house.configuration.sync.configurationTrial)
        while house.clock.instant < end {
            if let fault = faults.first(where: { !knownFaults.contains($0) }) {
                return await leave(sent, .rolledBack, "It made the device ill: \(fault).")
            }
            do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
            // Another one came, or none is any more: its own trial follows.
            guard layer.sent?.serial == sent.serial, layer.report.state == .trial else { return }
        }
        var proven = layer
        proven.report = ConfigurationReport(serial: sent.serial, state: .taken)
        await keep(proven)
        house.health.clear(Self.refused)
        await note("configuration.fleet.taken", succeeded: true, sent)
        log.notice("central's configuration is taken", metadata: ["number": "\(sent.serial)"])
    }

    /// It is not, or no longer, in force; the one before is.
    private func leave(
        _ configuration: FleetConfiguration, _ state: ConfigurationReport.State, _ problem: String
    ) async {
        await keep(layer.without(configuration, state, problem))
        for line in problem.split(separator: "\n") {
            log.error("central's configuration is not in force", metadata: ["problem": "\(line)"])
        }
        raise()
        await note(
            "configuration.fleet.\(state == .refused ? "refused" : "taken_back")", succeeded: false, configuration)
        _ = try? await room.reload()
    }

    private func raise() {
        let what = layer.report.state == .refused ? "was refused" : "was taken back"
        house.health.raise(
            "configuration.fleet.refused", title: "Central's configuration \(what): \(layer.report.problem ?? "")",
            severity: .warning, remedy: "Central's operator mends it: edged central configuration status.")
    }

    /// Memory and disk say the same, or the disk says less: then it is heard of again after a restart.
    private func keep(_ next: FleetLayer) async {
        layer = next
        do throws(EdgeError) { try next.keep(in: house.configuration.storeDirectory) } catch {
            log.error("central's configuration is not kept", metadata: ["facts": "\(error.detail)"])
        }
    }

    private func note(_ action: String, succeeded: Bool, _ configuration: FleetConfiguration) async {
        let details = (try? ControlJSON.line(["number": "\(configuration.serial)"])) ?? "{}"
        let record = AuditRecord(action: action, succeeded: succeeded, detailsJSON: details, at: house.clock.wall)
        do throws(EdgeError) { try await house.store.append(record) } catch {
            log.error("a configuration is not audited", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    /// What is wrong with the device itself: cameras and lines do not hang on what central may set.
    private var faults: [String] {
        house.health.current
            .filter { $0.severity == .error && !Self.ofOthers.contains(where: $0.code.hasPrefix) }
            .map { [$0.code, $0.subject].compactMap(\.self).joined(separator: " ") }
    }

    private static let ofOthers = ["capture.", "sync.", "central.", "outbox."]
    private static let refused = "configuration.fleet.refused"
}
