import CFaultVFS
import EdgeCore

@testable import Store

/// The system's calls for all files below a directory but the database itself; ends with the last reference.
final class WatchedCalls: Sendable {
    private let number: Int32

    init(below directory: String) throws {
        number = fc_watch(directory, DatabaseFile.name)
        guard number >= 0 else { throw EdgeError(.internalFault, "the calls cannot be watched") }
    }

    deinit { fc_forget(number) }

    /// Lets the n-th call of this kind from now on fail once.
    func fail(_ kind: fc_kind, at call: Int, code: Int32) { fc_fail(number, kind, call, code) }

    /// Which call failed; `nil` when none has.
    var failed: String? {
        let told = String(cString: fc_failed(number))
        return told.isEmpty ? nil : told
    }

    func count(_ kind: fc_kind) -> Int { fc_calls(number, kind) }

    /// Does what only looks: its calls do not count, and none fails.
    func paused<Outcome>(_ body: () async throws -> Outcome) async rethrows -> Outcome {
        fc_pause(number, true)
        defer { fc_pause(number, false) }
        return try await body()
    }
}
