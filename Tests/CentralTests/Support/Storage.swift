import Testing

/// Where a test's central keeps its books.
enum Storage: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// The storage of the test that runs.
    @TaskLocal static var current = Storage.sqlite

    /// Whether it can be had here.
    var isThere: Bool { self == .sqlite || PostgresServer.shared != nil }
}

/// Runs each test of a suite once over every storage.
///
/// Where no PostgreSQL server is installed the tests run over SQLite alone; `PostgresTests` then says that they were skipped.
struct OnEachStorage: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        var failure: (any Error)?
        for storage in Storage.allCases where storage.isThere {
            do { try await Storage.$current.withValue(storage) { try await function() } } catch {
                Issue.record("over \(storage.rawValue): \(error)")
                failure = error
            }
        }
        if let failure { throw failure }
    }
}

extension Trait where Self == OnEachStorage {
    /// Over SQLite and, where a server is installed, over PostgreSQL.
    static var onEachStorage: Self { OnEachStorage() }
}
