import Foundation
import Synchronization

/// What a finished program left.
struct Finished: Sendable {
    let status: Int32
    let output: Data
    let errors: String

    func json() throws -> JSONValue { try JSONValue(output) }
}

/// The `edged` that was built beside the tests.
enum Program {
    static var url: URL {
        if let path = ProcessInfo.processInfo.environment["EDGED_BINARY"] { return URL(filePath: path) }
        return URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "edged")
    }

    /// Runs `edged` to its end; `passing` is there as if systemd had passed it.
    static func run(_ arguments: [String], passing: FileHandle? = nil) async throws -> Finished {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        if let passing { pass(passing, to: process) }
        // Files, not pipes: nobody has to read while the program runs.
        let directory = FileManager.default.temporaryDirectory.appending(path: "edged-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let output = directory.appending(path: "output")
        let errors = directory.appending(path: "errors")
        let (outputFile, errorFile) = (try emptyFile(output), try emptyFile(errors))
        process.standardOutput = outputFile
        process.standardError = errorFile
        let status = try await end(of: process) {
            try process.run()
            // Foundation keeps what ran, and with it these.
            try outputFile.close()
            try errorFile.close()
        }
        return Finished(
            status: status, output: try Data(contentsOf: output),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }

    /// Has a process find `file` where systemd puts sockets.
    ///
    /// It comes as the standard input of a shell that becomes the program: only so is the number of the process known before.
    static func pass(_ file: FileHandle, to process: Process) {
        let script = """
            export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=http
            exec "$0" "$@" 3<&0 </dev/null
            """
        process.arguments = ["-c", script, url.path] + (process.arguments ?? [])
        process.executableURL = URL(filePath: "/bin/sh")
        process.standardInput = file
    }

    static func emptyFile(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    /// Waits for the end of a process without holding a thread.
    static func end(of process: Process, starting: () throws -> Void = {}) async throws -> Int32 {
        let (ends, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { ended in
            continuation.yield(ended.terminationStatus)
            continuation.finish()
        }
        try starting()
        for await status in ends { return status }
        return process.terminationStatus
    }
}
