import EdgeCore
import FoundationEssentials
import Logging
import Store

/// Takes a changed configuration over while the daemon runs, as far as it can be; open sessions go on.
actor ConfigurationRoom {
    private let house: House
    private let certificate: LANCertificate?
    private let load: @Sendable () throws(EdgeError) -> DaemonConfiguration
    private let log: Logger

    init(
        house: House, certificate: LANCertificate?, log: Logger,
        load: @escaping @Sendable () throws(EdgeError) -> DaemonConfiguration
    ) {
        self.house = house
        self.certificate = certificate
        self.load = load
        self.log = log
    }

    /// What is in force now.
    nonisolated var inForce: DaemonConfiguration { house.configuration }

    /// Reads everything anew and takes over what can be.
    ///
    /// What is wrong changes nothing: throws `configuration.invalid` with every problem, and the status tells it until a
    /// reload succeeds.
    @discardableResult
    func reload() async throws(EdgeError) -> [ConfigurationChange] {
        await certificate?.reload()
        let written: DaemonConfiguration
        do throws(EdgeError) { written = try load() } catch { throw await refuse(error) }
        house.health.clear("configuration.refused")
        let before = house.configuration
        let changes = before.changes(to: written)
        let taken = before.adopting(written)
        await house.adopt(taken)
        let waiting = taken.changes(to: written).map(\.key)
        // A value that is not shown may have changed as well.
        tellWaiting(waiting.isEmpty && taken != written ? ["a key that is not shown"] : waiting)
        guard !changes.isEmpty else { return [] }
        log.notice(
            "configuration reloaded",
            metadata: [
                "changed": "\(changes.filter(\.isReloadable).map(\.key).joined(separator: " "))",
                "waiting": "\(waiting.joined(separator: " "))",
            ])
        await note(succeeded: true, changes.map(\.key))
        return changes
    }

    private func refuse(_ error: EdgeError) async -> EdgeError {
        for problem in error.detail.split(separator: "\n") {
            log.error("configuration refused", metadata: ["problem": "\(problem)"])
        }
        house.health.raise(
            "configuration.refused", title: "The configuration is wrong and was not taken over; the one before holds.",
            severity: .warning, remedy: "Run edged config check, mend what it names, and reload.")
        await note(succeeded: false, [])
        return error
    }

    private func tellWaiting(_ keys: [String]) {
        guard !keys.isEmpty else { return house.health.clear("configuration.waiting") }
        house.health.raise(
            "configuration.waiting",
            title: "Changed, and not in force before a restart: \(keys.joined(separator: ", ")).",
            severity: .info, remedy: "Restart the daemon when nobody is at the door.")
    }

    /// Keys only: of values the file tells.
    private func note(succeeded: Bool, _ keys: [String]) async {
        let details = (try? ControlJSON.encode(["keys": keys])).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        let record = AuditRecord(
            action: "configuration.reloaded", succeeded: succeeded,
            reason: succeeded ? nil : ErrorCode.configurationInvalid.rawValue, detailsJSON: details,
            at: house.clock.wall)
        // A store that cannot write says so itself, and a reload may be what mends it.
        do throws(EdgeError) { try await house.store.append(record) } catch {
            log.error("reload not audited", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}
