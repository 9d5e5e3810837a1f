import Glibc
import NIOCore
import SyncCore

extension LineVigil {
    /// Has the kernel look after a connection of the network; one within this machine ends with its process.
    func watch(_ channel: any Channel) {
        guard channel.remoteAddress?.ipAddress != nil else { return }
        let seconds = { (duration: Duration) in SocketOptionValue(max(1, duration.components.seconds)) }
        let options: [(ChannelOptions.Types.SocketOption, SocketOptionValue)] = [
            (.init(level: .socket, name: .so_keepalive), 1),
            (.init(level: .tcp, name: .init(rawValue: TCP_KEEPIDLE)), seconds(silence)),
            (.init(level: .tcp, name: .init(rawValue: TCP_KEEPINTVL)), seconds(interval)),
            (.init(level: .tcp, name: .init(rawValue: TCP_KEEPCNT)), SocketOptionValue(questions)),
            (.init(level: .tcp, name: .init(rawValue: TCP_USER_TIMEOUT)), seconds(unconfirmed) * 1000),
        ]
        // A connection that closes meanwhile needs no looking after.
        for (option, value) in options { channel.setOption(option, value: value).whenFailure { _ in } }
    }
}
