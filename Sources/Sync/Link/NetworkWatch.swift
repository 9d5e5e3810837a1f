import CNetLink
@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Hears from the kernel when a way may have opened: an address or a route came, or an interface has its carrier again.
public enum NetworkWatch {
    /// Rings each time a way may have opened; several at once ring once.
    ///
    /// For one reader. `nil` where the kernel does not tell this process.
    public static func arrivals() -> AsyncStream<Void>? {
        let socket = edged_network_open()
        guard socket >= 0 else { return nil }
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { stream in
            let links = LinkBook()
            let source = DispatchSource.makeReadSource(
                fileDescriptor: socket, queue: DispatchQueue(label: "edged-network"))
            source.setEventHandler { if links.read(socket) { stream.yield() } }
            // Only then is nobody left who might read a number that is another file by now.
            source.setCancelHandler { close(socket) }
            stream.onTermination = { _ in source.cancel() }
            source.resume()
        }
    }
}

/// Which interfaces have a carrier, as far as the kernel has said: a wireless one is spoken of again and again.
private final class LinkBook: Sendable {
    private let running = Mutex<Set<Int32>>([])

    /// Reads what was told; whether a way may have opened.
    func read(_ socket: Int32) -> Bool {
        var isOpen = false
        while true {
            var changes = [edged_network_change](repeating: edged_network_change(), count: 64)
            let count = edged_network_read(socket, &changes, Int32(changes.count))
            guard count != 0 else { return isOpen }
            // The kernel dropped some of it: better one try too many than a way that is not seen.
            guard count > 0 else { return true }
            for change in changes.prefix(Int(count)) where isArrival(change) { isOpen = true }
        }
    }

    private func isArrival(_ change: edged_network_change) -> Bool {
        guard !change.is_arrival else { return true }
        return running.withLock { running in
            guard change.is_running else {
                running.remove(change.interface)
                return false
            }
            return running.insert(change.interface).inserted
        }
    }
}
