import EdgeCore
import Sync
import SyncCore

/// What the command line asks of the device as a member of a fleet.
extension ControlDesk {
    private func membership() throws(EdgeError) -> FleetRoom {
        guard let fleetRoom else { throw EdgeError(.daemonUnreachable) }
        return fleetRoom
    }

    func joinFleet(_ order: Control.JoinOrder) async throws(EdgeError) -> Control.Joined {
        let membership = try await membership().join(
            JoinOrder(
                url: order.url, token: Redacted(order.token), name: order.name ?? "edged", pinnedRoots: order.roots))
        return Control.Joined(
            device: membership.device.description, name: membership.grant.name, url: membership.url)
    }

    func leaveFleet(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        try await membership().member.leave()
        return try await syncStatus(Control.Nothing())
    }

    func syncStatus(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        Control.SyncStatus(try await membership().member.status())
    }

    func syncNow(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        try membership().member.syncNow()
        return try await syncStatus(Control.Nothing())
    }

    func pauseSync(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        try await membership().member.pause()
        return try await syncStatus(Control.Nothing())
    }

    func resumeSync(_: Control.Nothing) async throws(EdgeError) -> Control.SyncStatus {
        try await membership().member.resume()
        return try await syncStatus(Control.Nothing())
    }
}
