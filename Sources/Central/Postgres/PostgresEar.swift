import Dispatch
import EdgeCore
import FoundationEssentials
import Glibc
import Synchronization

/// Hears what other processes did, on a connection and a thread of its own.
final class PostgresEar: Sendable {
    private enum State {
        case idle
        case listening
        case closed
    }

    private let options: PostgresOptions
    private let state = Mutex(State.idle)
    /// A pipe: its first end can be read once the ear is to be closed.
    private let wake: (read: CInt, write: CInt)
    private let thread = DispatchQueue(label: "edged.central.postgres.ear")

    init(_ options: PostgresOptions) {
        self.options = options
        var ends: [CInt] = [-1, -1]
        wake = pipe(&ends) == 0 ? (ends[0], ends[1]) : (-1, -1)
        for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        for end in [wake.read, wake.write] where end >= 0 { Glibc.close(end) }
    }

    /// Tells of everything that other processes announce, until ``close()``.
    func listen(_ hear: @escaping @Sendable (FleetNotice) -> Void) {
        let begins = state.withLock { state in
            guard case .idle = state, wake.read >= 0 else { return false }
            state = .listening
            return true
        }
        guard begins else { return }
        thread.async { [self] in
            while !isClosed {
                do throws(PostgresFault) { try listenOnce(hear) } catch { pause() }
            }
        }
    }

    /// Returns when nothing is heard any more.
    func close() async {
        let wasListening = state.withLock { state in
            defer { state = .closed }
            guard case .listening = state else { return false }
            return true
        }
        guard wasListening else { return }
        _ = Glibc.write(wake.write, [1], 1)
        await withCheckedContinuation { continuation in thread.async { continuation.resume() } }
    }

    private var isClosed: Bool {
        state.withLock { if case .closed = $0 { true } else { false } }
    }

    private func listenOnce(_ hear: (FleetNotice) -> Void) throws(PostgresFault) {
        var connection = try PostgresConnection(options)
        try connection.script("LISTEN \(FleetNotice.channel)")
        // Nobody told what happened before this.
        hear(.everything)
        while let told = try connection.notices(until: wake.read) {
            for text in told { hear(FleetNotice(text: text)) }
        }
    }

    /// A second, unless the ear is closed meanwhile.
    private func pause() {
        var file = pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)
        _ = poll(&file, 1, 1000)
    }
}
