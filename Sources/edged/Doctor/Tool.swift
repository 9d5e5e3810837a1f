import Foundation

/// Runs one of the system's own tools.
enum Tool {
    private static let places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]

    /// What it printed, without the last line break; `nil` where it is not there or ends with a failure.
    ///
    /// Blocks until it ends.
    static func output(_ name: String, _ arguments: [String]) -> String? {
        guard let (status, bytes) = run(name, arguments), status == 0 else { return nil }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// How it ended and what it printed; `nil` where it is not there.
    static func run(_ name: String, _ arguments: [String]) -> (status: Int32, output: Data)? {
        let path = places.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let path else { return nil }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { return nil }
        let output = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
