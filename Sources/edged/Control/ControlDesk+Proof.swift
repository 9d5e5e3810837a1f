import EdgeCore
import FoundationEssentials
import Store
import Vault

/// What the store can prove, and the keys that it is sealed with.
extension ControlDesk {
    func verifyStore(_: Control.Nothing) async throws(EdgeError) -> Control.StoreProof {
        Control.StoreProof(try await proof.verify(), try await proof.auditCoverage())
    }

    func acceptStore(_: Control.Nothing) async throws(EdgeError) -> Control.Accepted {
        Control.Accepted(try await proof.acceptContents())
    }

    func keyStatus(_: Control.Nothing) async throws(EdgeError) -> Control.KeyStatus {
        let id = String(vault.wrappingKeyID, radix: 16)
        return Control.KeyStatus(
            source: vault.source, binding: vault.binding.rawValue,
            keyEncryptionKey: String(repeating: "0", count: 8 - id.count) + id,
            isRotating: vault.isRotating, rotatedAt: try await proof.keysRotatedAt(),
            erasureWaitsSince: try await proof.erasureWaitsSince())
    }

    func backUp(_ request: Control.BackupRequest) async throws(EdgeError) -> Control.Backup {
        guard let path = request.path else { return Control.Backup(try await proof.backUpGenerations()) }
        return Control.Backup(try await proof.backUp(to: path))
    }

    func listBackups(_: Control.Nothing) async throws(EdgeError) -> Control.Backups {
        Control.Backups(backups: proof.backups().map { Control.Backup($0) })
    }

    func rotateKeys(_ order: Control.KeyRotationOrder) async throws(EdgeError) -> Control.KeyRotation {
        let report = try await proof.rotateKeys(vault, discardsUnreadable: order.discardUnreadable ?? false)
        return Control.KeyRotation(
            rewrapped: report.rewrapped, unreadable: report.unreadable, destroyed: report.destroyed,
            isHeld: report.isHeld, isKept: !report.isHeld && report.destroyed == 0)
    }
}

extension Control {
    /// What `edged audit verify` found.
    struct StoreProof: Codable {
        var isWhole: Bool
        var auditLines: Int
        var firstBrokenLine: Int?
        var sealedRecords: Int
        var brokenSeals: [String: Int]
        /// People who stand under another external id than their own; absent in the answer of an earlier version.
        var misfiledPeople: Int?
        var fileFaults: [String]
        /// Tables whose rows are not those that were written through edged.
        var editedTables: [String]
        /// Of each lane for central that is not as it was written: the first record that is missing or another one.
        var brokenLanes: [String: Int64]?
        /// What was found at an opening and nobody has accepted.
        var alarms: [String]
        var coverage: AuditCoverage

        init(_ found: StoreVerification, _ coverage: Store.AuditCoverage) {
            self.coverage = AuditCoverage(coverage)
            isWhole = found.isWhole
            auditLines = found.audit.lines
            firstBrokenLine = found.audit.firstBroken
            sealedRecords = found.sealedRecords
            brokenSeals = found.brokenSeals
            misfiledPeople = found.misfiledPeople
            fileFaults = found.fileFaults
            editedTables = found.editedTables
            brokenLanes = found.lanes.firstBroken
            alarms = found.alarms.map(\.detail)
        }
    }

    /// What `edged audit accept` put right; a daemon of an earlier version does not say.
    struct Accepted: Codable {
        /// Rows that pointed nowhere and were removed.
        var removed: Int?
        /// People who are found by their external id again.
        var refiled: Int?
        /// People whose external id somebody else has as well.
        var clashing: Int?

        init(_ done: AcceptedContents) {
            removed = done.removed
            refiled = done.refiled
            clashing = done.clashing
        }
    }

    struct BackupRequest: Codable { var path: String? }

    struct Backup: Codable {
        var path: String
        var bytes: Int
        var madeAt: Date

        init(_ backup: StoreBackup) {
            path = backup.path
            bytes = backup.bytes
            madeAt = backup.madeAt
        }
    }

    struct Backups: Codable { var backups: [Backup] }

    /// What the keys are and when they last changed; never a key.
    struct KeyStatus: Codable {
        var source: String
        /// What somebody needs besides the disk: `tpm2`, `credential`, `provider` or `none`.
        var binding: String
        var keyEncryptionKey: String
        var isRotating: Bool
        var rotatedAt: Date?
        var erasureWaitsSince: Date?
    }

    struct KeyRotationOrder: Codable { var discardUnreadable: Bool? }

    struct KeyRotation: Codable {
        var rewrapped: Int
        var unreadable: Int
        var destroyed: Int
        /// Whether damaged keys hold the exchange up; absent, like the next, in the answer of an earlier version.
        var isHeld: Bool?
        /// Whether the credential holds the former key too.
        var isKept: Bool?
    }
}
