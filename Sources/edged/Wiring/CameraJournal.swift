import Capture
import EdgeCore
import FoundationEssentials
import Logging

/// Writes down that a camera was refused: a line in the audit trail, which central gets, and a security event of the device.
final class CameraJournal: Sendable {
    /// A camera tells once a minute at most.
    private static let mostWaiting = 256
    private static let pause = Duration.seconds(5)

    private let log: Logger
    private let (refusals, teller) = AsyncStream.makeStream(
        of: CameraRefusal.self, bufferingPolicy: .bufferingOldest(CameraJournal.mostWaiting))

    init(log: Logger) { self.log = log }

    /// Takes a refusal; returns at once.
    func note(_ refusal: CameraRefusal) {
        guard case .dropped = teller.yield(refusal) else { return }
        log.error("A refused camera was not written down", metadata: ["camera": "\(refusal.camera)"])
    }

    /// Writes until it is cancelled; while the store fails, what there is to write waits.
    func run(audit: any AuditTrail, security: any SecurityJournal, clock: any EdgeClock) async throws {
        for await refusal in refusals {
            let now = clock.wall
            let details = try Self.details(of: refusal)
            try await insist {
                try await audit.append(
                    AuditRecord(
                        action: "camera.refused", succeeded: false, reason: refusal.code.rawValue, detailsJSON: details,
                        at: now))
            }
            try await insist {
                try await security.note(
                    SecurityEventRecord(type: .unusualActivity, severity: .high, detailsJSON: details, createdAt: now))
            }
        }
    }

    private func insist(_ write: () async throws -> Void) async throws {
        while true {
            do { return try await write() } catch {
                let code = (error as? EdgeError)?.code ?? .internalFault
                log.error("A refused camera is not written down yet", metadata: ["code": "\(code.rawValue)"])
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    private struct Details: Encodable {
        let camera: String
        let code: String
        let detail: String
        let times: Int
    }

    private static func details(of refusal: CameraRefusal) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let details = Details(
            camera: refusal.camera, code: refusal.code.rawValue, detail: refusal.detail, times: refusal.times)
        return String(decoding: try encoder.encode(details), as: UTF8.self)
    }
}
