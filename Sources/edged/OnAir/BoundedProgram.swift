import CSystemd
import Dispatch
import Glibc
import Synchronization

/// A program that runs beside the daemon: without a shell, without the daemon's open files and environment, and not for ever.
struct BoundedProgram: Sendable {
    /// What became of it.
    enum Outcome: Sendable, Equatable {
        case succeeded
        /// It could not be started, said no, or was stopped; in words.
        case failed(String)
    }

    /// Its path and its arguments.
    var words: [String]
    /// `NAME=value`, all that there is.
    var environment: [String]
    /// After this long it is killed, with all that it started.
    var limit: Duration

    /// Dispatch's threads may wait for a child, Swift's may not.
    private static let waiting = DispatchQueue(label: "edged.programs", attributes: .concurrent)

    /// Runs it to its end, which a cancellation does not hasten.
    func run() async -> Outcome {
        await withCheckedContinuation { ended in
            Self.waiting.async { ended.resume(returning: outcome()) }
        }
    }

    private func outcome() -> Outcome {
        let child: ChildProcess
        switch SpawnSettings().spawn(words, environment) {
        case .failure(let refusal): return .failed("\(words.first ?? ""): \(String(cString: strerror(refusal.number)))")
        case .success(let started): child = started
        }
        let nanoseconds = Int(limit / .nanoseconds(1))
        Self.waiting.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { child.kill() }
        guard let status = child.reap() else { return .failed("nobody knows how it ended") }
        let signal = status & 0x7F
        guard signal == 0 else {
            return .failed(child.wasKilled ? "it took longer than \(limit)" : "it was ended by signal \(signal)")
        }
        let code = status >> 8 & 0xFF
        return code == 0 ? .succeeded : .failed("it ended with \(code)")
    }
}

/// A process of ours, until it has been reaped.
private final class ChildProcess: Sendable {
    private let pid: pid_t
    private let state = Mutex((isReaped: false, wasKilled: false))

    init(_ pid: pid_t) { self.pid = pid }

    var wasKilled: Bool { state.withLock { $0.wasKilled } }

    /// Kills it with its group, if it still runs: its number may be another's afterwards.
    func kill() {
        state.withLock { state in
            guard !state.isReaped else { return }
            state.wasKilled = true
            _ = Glibc.kill(-pid, SIGKILL)
        }
    }

    /// Waits for its end; the status as `waitpid` gives it.
    func reap() -> CInt? {
        var facts = siginfo_t()
        while waitid(P_PID, id_t(pid), &facts, WEXITED | WNOWAIT) != 0 {
            guard errno == EINTR else { return nil }
        }
        return state.withLock { state in
            state.isReaped = true
            var status: CInt = 0
            return waitpid(pid, &status, 0) == pid ? status : nil
        }
    }
}

/// How a program is started: nothing to read, nowhere to write, no open file, signals as a program expects them, a group of its own.
private struct SpawnSettings: ~Copyable {
    struct Refusal: Error { var number: CInt }

    private var files = posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()

    init() {
        posix_spawn_file_actions_init(&files)
        for descriptor: CInt in [0, 1, 2] {
            posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0)
        }
        edged_spawn_closes_from(&files, 3)
        posix_spawnattr_init(&attributes)
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    deinit {
        var (files, attributes) = (files, attributes)
        posix_spawn_file_actions_destroy(&files)
        posix_spawnattr_destroy(&attributes)
    }

    borrowing func spawn(_ words: [String], _ environment: [String]) -> Result<ChildProcess, Refusal> {
        guard let path = words.first else { return .failure(Refusal(number: EINVAL)) }
        let (arguments, variables) = (words.map { strdup($0) }, environment.map { strdup($0) })
        defer { for text in arguments + variables { free(text) } }
        var (files, attributes) = (files, attributes)
        var pid: pid_t = 0
        let status = posix_spawn(&pid, path, &files, &attributes, arguments + [nil], variables + [nil])
        return status == 0 ? .success(ChildProcess(pid)) : .failure(Refusal(number: status))
    }
}
