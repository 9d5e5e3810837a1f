import CSharedMemory
import CSystemd
public import EdgeCore
import Glibc

extension DecoderWorker {
    /// The one listening socket that systemd has passed.
    ///
    /// Throws `configuration.invalid` when there is none, or one of another kind.
    public static func socketFromSystemd() throws(EdgeError) -> CInt {
        guard sd_listen_fds(1) == 1 else {
            throw EdgeError(
                .configurationInvalid, "There is no socket from systemd: start edged-decoder.socket, or say --listen.")
        }
        guard sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 1) > 0 else {
            throw EdgeError(
                .configurationInvalid, "The socket from systemd is of another kind: ListenSequentialPacket= is right.")
        }
        return SD_LISTEN_FDS_START
    }

    /// A listening socket at `path`, for this user alone.
    ///
    /// Throws `http.listen.failed`.
    public static func socket(at path: String) throws(EdgeError) -> CInt {
        let descriptor = csm_listen(path)
        guard descriptor >= 0 else {
            throw EdgeError(.listenFailed, "No socket can be made at \(path) (errno \(-descriptor)).")
        }
        return descriptor
    }
}

/// A worker that this process has started for itself, over two sockets that nobody else can reach.
public final class DecoderChild: Sendable {
    /// The descriptor at which the child finds its connection.
    public static let connection: CInt = 3

    private let process: pid_t
    private let socket: CInt

    /// Starts `program` with these arguments, for `edged bench decode`.
    ///
    /// Throws `internal.fault` where no process can be started.
    public init(_ program: String, _ arguments: [String]) throws(EdgeError) {
        let ends: (CInt, CInt)
        do throws(DecoderFault) { ends = try MessageSocket.pair() } catch { throw error.error }
        defer { close(ends.1) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends.1, Self.connection)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let status = posix_spawn(&process, program, &actions, nil, &words, environ)
        guard status == 0 else {
            close(ends.0)
            throw EdgeError(.internalFault, "The decoder cannot be started (errno \(status)).")
        }
        self.process = process
        socket = ends.0
    }

    /// Ends it, and waits for its end.
    deinit {
        close(socket)
        kill(process, SIGKILL)
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// One more descriptor of the connection, for who takes it over.
    func connect() throws(DecoderFault) -> CInt {
        let descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw .noRoom(errno) }
        return descriptor
    }
}
