import EdgeTesting
import Foundation
import Testing

@testable import Vault

/// Runs a program to its end.
func succeed(_ program: String, _ arguments: String..., environment: [String: String] = [:]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) \(arguments.joined(separator: " "))")
}

/// A TPM 2.0 in a process of its own (swtpm), on a socket in a temporary directory.
final class SoftwareTPM {
    /// Whether what it takes is installed.
    static let isInstalled = [
        "/usr/bin/swtpm", "/usr/bin/tpm2_createprimary", "/usr/bin/openssl",
    ].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

    private let directory: TemporaryDirectory
    var tcti: String { "swtpm:path=\(directory.path("s"))" }

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path("state"), withIntermediateDirectories: true)
        try start()
    }

    deinit { try? stop() }

    /// Starts it; its sockets are there when this returns.
    func start() throws {
        // Whoever waits for a process waits until nobody holds what it inherited, so the daemon must let go of that.
        try succeed(
            "bash", "-c",
            #"for f in /proc/self/fd/*; do f=${f##*/}; ((f < 3)) || eval "exec $f>&-"; done; exec "$@""#, "bash",
            "swtpm", "socket", "--tpm2", "--tpmstate", "dir=\(directory.path("state"))",
            "--server", "type=unixio,path=\(directory.path("s"))", "--ctrl",
            "type=unixio,path=\(directory.path("s")).ctrl",
            "--flags", "not-need-init,startup-clear", "--daemon", "--pid", "file=\(directory.path("pid"))")
    }

    /// Takes it away; it can be started again.
    func stop() throws {
        guard let text = try? String(contentsOfFile: directory.path("pid"), encoding: .utf8),
            let process = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return }
        try FileManager.default.removeItem(atPath: directory.path("pid"))
        // A thread of the test runner blocks signals, and what it starts inherits that.
        try succeed("kill", "-KILL", "\(process)")
        // Not our child: its command line goes when it does.
        while let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline"), !line.isEmpty {
            sched_yield()
        }
    }

    /// A key that only this TPM can load, as a PEM file.
    func makeKey(_ path: String, algorithm: String = "EC", option: String = "group:P-256") throws {
        try succeed(
            "openssl", "genpkey", "-provider", "tpm2", "-provider", "default", "-algorithm", algorithm, "-pkeyopt",
            option,
            "-out", path, environment: ["TPM2OPENSSL_TCTI": tcti])
    }

    /// A key that stays in this TPM, under `handle`.
    func keepKey(_ handle: String) throws {
        let (primary, key) = (directory.path("primary"), directory.path("key"))
        let tool = ["TPM2TOOLS_TCTI": tcti]
        try succeed("tpm2_createprimary", "-C", "o", "-G", "ecc", "-c", primary, environment: tool)
        try succeed("tpm2_flushcontext", "-t", environment: tool)
        try succeed(
            "tpm2_create", "-C", primary, "-G", "ecc256", "-u", key + ".pub", "-r", key + ".priv", "-a",
            "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|decrypt", environment: tool)
        try succeed("tpm2_flushcontext", "-t", environment: tool)
        try succeed(
            "tpm2_load", "-C", primary, "-u", key + ".pub", "-r", key + ".priv", "-c", key + ".ctx", environment: tool)
        try succeed("tpm2_evictcontrol", "-C", "o", "-c", key + ".ctx", handle, environment: tool)
        try succeed("tpm2_flushcontext", "-t", environment: tool)
    }
}
