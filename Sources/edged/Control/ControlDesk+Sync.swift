import EdgeCore
import Sync
import SyncCore

/// What the command line asks of the device as a member of a fleet.
extension ControlDesk {
    private func fleetRoom() throws(EdgeError) -> FleetRoom {
        guard let memberRoom else { throw EdgeError(.daemonUnreachable) }
        return memberRoom
    }

    func joinFleet(_ order: Control.JoinOrder) async throws(EdgeError) -> Control.Joined {
        let membership = try await fleetRoom().join(
            JoinOrder(
                url: order.url, token: Redacted(order.token), name: order.name ?? "edged", pinnedRoots: order.roots))
        return Control.Joined(
            device: membership.device.description, name: membership.grant.name, url: membership.url)
    }

    func leaveFleet(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        try await fleetRoom().member.leave()
        return try await syncStatus(Control.Nothing())
    }

    func syncStatus(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        var status = Control.SyncStatus(try await fleetRoom().member.status())
        if let report = await fleetConfiguration?.report(), report.state != .none {
            status.configuration = Control.SyncStatus.Configuration(
                number: report.serial, state: report.state.rawValue, problem: report.problem)
        }
        return status
    }

    func syncNow(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        try fleetRoom().member.syncNow()
        return try await syncStatus(Control.Nothing())
    }

    func pauseSync(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        try await fleetRoom().member.pause()
        return try await syncStatus(Control.Nothing())
    }

    /// Has other certificates verify central.
    func pinRoots(_ roots: Control.Certificates) async throws(EdgeError) -> Control.SyncStatus {
        guard let pem = roots.pem else { throw EdgeError(.requestInvalid, "say which certificates", field: "pem") }
        try await fleetRoom().member.pin(roots: pem)
        return try await syncStatus(Control.Nothing())
    }

    func resumeSync(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        try await fleetRoom().member.resume()
        return try await syncStatus(Control.Nothing())
    }
}
