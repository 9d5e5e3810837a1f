import Glibc
import NIOCore
import SyncCore

extension LineVigil {
    /// Has the kernel look after a connection.
    func watch(_ channel: any Channel) -> EventLoopFuture<Void> {
        let seconds = { (duration: Duration) in SocketOptionValue(max(1, duration.components.seconds)) }
        let options: [(ChannelOptions.Types.SocketOption, SocketOptionValue)] = [
            (.init(level: .socket, name: .so_keepalive), 1),
            (.init(level: .tcp, name: .init(rawValue: TCP_KEEPIDLE)), seconds(silence)),
            (.init(level: .tcp, name: .init(rawValue: TCP_KEEPINTVL)), seconds(interval)),
            (.init(level: .tcp, name: .init(rawValue: TCP_KEEPCNT)), SocketOptionValue(questions)),
            (.init(level: .tcp, name: .init(rawValue: TCP_USER_TIMEOUT)), seconds(unconfirmed) * 1000),
        ]
        return EventLoopFuture.andAllSucceed(
            options.map { channel.setOption($0.0, value: $0.1) }, on: channel.eventLoop)
    }
}
