import CSystemd
import EdgeAPI
import EdgeCore
import Foundation
import Logging

/// Carries out the plan: sockets go from systemd to the listeners, and fresh ones to systemd for the daemon after this one.
struct SocketHandover {
    let log: Logger

    /// What the listeners get; whatever serves nobody any more is closed here and at systemd.
    ///
    /// Throws `http.socket.unfit`.
    func shelf(_ passed: [SocketPlan.Passed], for configuration: DaemonConfiguration) throws(EdgeError) -> SocketShelf {
        let plan = SocketPlan(passed: passed, wanted: configuration.wantedSockets, user: geteuid())
        for socket in plan.removed {
            log.notice(
                "A kept socket is given up", metadata: ["address": "\(socket.address)", "name": "\(socket.name)"])
            Self.tell("FDSTOREREMOVE=1\nFDNAME=\(socket.name)")
            close(socket.descriptor)
        }
        try plan.check()
        for name in plan.adopted.keys.sorted() {
            log.info("A socket was bound already", metadata: ["listener": "\(name.rawValue)"])
        }
        return SocketShelf(bound: plan.adopted.mapValues { BoundSocket(owning: $0) }) { name, descriptor, file in
            Self.keep(descriptor, as: StoredName(name, inode: file.flatMap { PassedSockets.file(at: $0)?.inode }))
        }
    }

    /// Has systemd hold a descriptor of the same socket; false where nobody does.
    private static func keep(_ descriptor: CInt, as name: StoredName) -> Bool {
        sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDNAME=\(name.text)", [descriptor], 1) > 0
    }

    private static func tell(_ state: String) { _ = sd_notify(0, state) }
}

extension DaemonConfiguration {
    /// The listeners as the plan of sockets wants to know them.
    var wantedSockets: [SocketPlan.Wanted] {
        var wanted = [
            Self.wanted(.control, path: http.controlSocket),
            SocketPlan.Wanted(name: .loopback, address: .inet(host: http.host, port: http.port)),
        ]
        if let path = http.socket { wanted.append(Self.wanted(.socket, path: path)) }
        if let lan = http.lan {
            wanted.append(SocketPlan.Wanted(name: .lan, address: .inet(host: lan.host, port: lan.port)))
        }
        return wanted
    }

    private static func wanted(_ name: ListenerName, path: String) -> SocketPlan.Wanted {
        SocketPlan.Wanted(name: name, address: .unix(path: path), file: PassedSockets.file(at: path))
    }
}
