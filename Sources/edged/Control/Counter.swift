import Capture
import EdgeCore
import Logging
import Recognition
import Store

/// Where a command line verb is served: by the running daemon, or, without one, in this process.
struct Counter {
    private let control: any LocalControl
    private let close: @Sendable () async -> Void

    enum Need {
        /// A store that is there: whoever only reads does not make one in a directory that was mistyped.
        case store
        /// A store, which is made when it is not there.
        case storeOrNew
        /// All that recognizes people.
        case recognition
    }

    /// Finds the daemon, else opens what the verb needs; `body` runs while that is open.
    static func serve<Result: Sendable>(
        _ configuration: DaemonConfiguration, need: Need, _ body: (Counter) async throws -> Result
    ) async throws -> Result {
        let client = ControlClient(socketPath: configuration.http.controlSocket)
        guard await !client.isDaemonThere() else { return try await body(Counter(control: client, close: {})) }
        let log = LogSetup.quiet()
        switch need {
        case .store, .storeOrNew:
            guard need == .storeOrNew || EdgeStore.isThere(in: configuration.storeDirectory) else {
                throw EdgeError(
                    .storeUnavailable,
                    "There is no store in \(configuration.storeDirectory); clients create or the daemon makes one.")
            }
            let keys = try await HouseKeys(
                configuration, clock: SystemClock(), health: HealthBoard(), log: log)
            return try await finish(
                Counter(control: ControlDesk(keys: keys), close: { await keys.store.close() }), body)
        case .recognition:
            let house = try await House(configuration, log: log)
            let rooms = Task {
                await withTaskGroup(of: Void.self) { group in
                    // Each ends by cancellation; a failing camera shows in the session's result.
                    group.addTask { try? await house.sessions.run() }
                    group.addTask { try? await house.keepCameraJournal() }
                    for camera in house.cameras { group.addTask { try? await camera.run() } }
                }
            }
            let counter = Counter(
                control: ControlDesk(house: house),
                close: {
                    rooms.cancel()
                    await rooms.value
                    await house.close()
                })
            return try await finish(counter, body)
        }
    }

    private static func finish<Result: Sendable>(
        _ counter: Counter, _ body: (Counter) async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body(counter)
            await counter.close()
            return result
        } catch {
            await counter.close()
            throw error
        }
    }

    /// Runs a command and reads its answer.
    func ask<Result: Decodable>(
        _ command: ControlCommand, _ arguments: some Encodable, as type: Result.Type
    ) async throws(EdgeError) -> Result {
        let bytes = try await control.run(
            command: command.rawValue, argumentsJSON: try ControlJSON.encode(arguments))
        return try ControlJSON.decode(type, from: bytes)
    }
}
