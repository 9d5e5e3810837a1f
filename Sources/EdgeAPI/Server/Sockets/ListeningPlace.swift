import EdgeCore
import NIOCore
import Synchronization

/// The socket of one listener, from the shelf or bound here, and what becomes of its file.
final class ListeningPlace: Sendable {
    /// What was bound already; `nil` where the server binds.
    let adopted: BoundSocket?
    /// The file of a socket that is bound here; that of an adopted one is its maker's.
    let file: SocketFile?
    private let name: ListenerName
    private let shelf: SocketShelf
    private let isKept = Atomic(false)

    init(_ name: ListenerName, on shelf: SocketShelf, file: () throws(EdgeError) -> SocketFile?) throws(EdgeError) {
        self.name = name
        self.shelf = shelf
        adopted = shelf.bound[name]
        self.file = adopted == nil ? try file() : nil
    }

    /// Once the server listens: its file goes to its place, the shelf gets the socket.
    func open(_ channel: any Channel) async throws {
        guard adopted == nil else { return }
        try file?.publish()
        let (name, shelf, path) = (name, shelf, file?.path)
        let kept = try await channel.lendDescriptor { shelf.keep(name, $0, path) }
        isKept.store(kept ?? false, ordering: .relaxed)
    }

    /// Once the server is gone: a file whose socket is kept stays, and whoever comes meanwhile waits in line.
    func close() {
        if !isKept.load(ordering: .relaxed) { file?.remove() }
    }
}
