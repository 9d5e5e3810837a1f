import EdgeCore
import Foundation
import Testing

@testable import Central

/// A PostgreSQL server of this test run's own, on a Unix socket; it ends when this process does.
final class PostgresServer: Sendable {
    /// `nil` where none is installed.
    static let shared = PostgresServer()

    /// How to connect, without the database.
    let address: String
    private let process: Process
    /// The server ends when this does.
    private let lifeline: Pipe

    private init?() {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = root.appending(path: "scripts/throwaway-postgres")
        process.standardInput = input
        process.standardOutput = output
        do { try process.run() } catch { return nil }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let words = line.split(whereSeparator: \.isWhitespace).filter { !$0.hasPrefix("dbname=") }
        guard words.contains(where: { $0.hasPrefix("host=") }) else { return nil }
        (address, self.process, lifeline) = (words.joined(separator: " "), process, input)
    }

    func options(_ database: String) -> PostgresOptions {
        PostgresOptions(connection: Redacted("\(address) dbname=\(database)"), connections: 6)
    }

    /// Runs statements outside of any fleet's database.
    func script(_ statements: [String]) throws {
        var connection = try PostgresConnection(options("postgres"))
        for statement in statements { try connection.script(statement) }
    }
}

/// A database of one test's own, which goes with it.
final class PostgresDatabase: Sendable {
    let name = "fleet_" + UUID().uuidString.lowercased().replacing("-", with: "")
    private let server: PostgresServer

    init() throws {
        server = try #require(PostgresServer.shared)
        try server.script(["CREATE DATABASE \(name)"])
    }

    deinit { try? server.script([name, copy].map { "DROP DATABASE IF EXISTS \($0) WITH (FORCE)" }) }

    var options: PostgresOptions { server.options(name) }
    private var copy: String { name + "_copy" }

    var hasCopy: Bool {
        do {
            var connection = try PostgresConnection(server.options("postgres"))
            return try connection.script("SELECT 1 FROM pg_database WHERE datname = '\(copy)'") == "1"
        } catch { return false }
    }

    func keepCopy() throws {
        try server.script(["DROP DATABASE IF EXISTS \(copy) WITH (FORCE)", "CREATE DATABASE \(copy) TEMPLATE \(name)"])
    }

    func putBackCopy() throws {
        try server.script(["DROP DATABASE \(name) WITH (FORCE)", "CREATE DATABASE \(name) TEMPLATE \(copy)"])
    }

    /// Cuts every connection to the database.
    func cut() throws {
        try server.script(["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'"])
    }

    /// Every value of every table, one after the other.
    func bytes() throws -> [UInt8] {
        var connection = try PostgresConnection(options)
        try connection.beginPipeline()
        try connection.send("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", [])
        var bytes: [UInt8] = []
        for table in try connection.settle() {
            try connection.send("SELECT * FROM \(try table["tablename"] as String)", [])
            for value in try connection.settle().flatMap(\.values) {
                switch value {
                case .null, .integer: break
                case .text(let text): bytes += Array(text.utf8)
                case .bytes(let data): bytes += Array(data)
                }
            }
        }
        return bytes
    }
}
