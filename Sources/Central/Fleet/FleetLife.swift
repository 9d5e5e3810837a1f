import EdgeCore
import FoundationEssentials
import SyncCore

/// What is settled when central's file is opened.
struct FleetLife: Sendable {
    let incarnation: Incarnation
    let anchor: IncarnationAnchor
    let pseudonymKey: Redacted<[UInt8]>
    /// Whether the file was put back since it was last open.
    let isRestored: Bool

    /// Begins a new incarnation where the books are new or were put back, and counts the opening.
    ///
    /// Throws `central.moved` for a file whose books were moved, and `central.unmoved` for a database that is new while the
    /// books are still in a file.
    static func begin(
        directory: String, keys: FleetKeys, isShared: Bool, at wall: Int64, _ db: any FleetSession
    ) throws -> FleetLife {
        if !isShared { try MoveMark.expectNone(db) }
        let known = try MetaTable.incarnation(db)
        if isShared, known == nil, SQLiteStorage.isThere(in: directory) { throw EdgeError(.centralUnmoved) }
        let pseudonymKey = try openPseudonymKey(keys, db)
        let incarnation = try review(directory: directory, isShared: isShared, at: wall, db)
        if known == nil { try FleetTransaction.createScope(named: "everybody", at: wall, db) }
        let anchor = IncarnationAnchor.read(directory: directory)
        let openings = try max(MetaTable.number(.openings, db), anchor?.openings ?? 0) + 1
        try MetaTable.keep(openings, as: .openings, db)
        return FleetLife(
            incarnation: incarnation, anchor: try self.anchor(incarnation, db), pseudonymKey: pseudonymKey,
            isRestored: known != nil && known != incarnation)
    }

    /// The present life, held against this process's anchor: a new one where the books are behind it.
    static func review(
        directory: String, isShared: Bool, at wall: Int64, _ db: any FleetSession
    ) throws -> Incarnation {
        let (known, anchor) = (try MetaTable.incarnation(db), IncarnationAnchor.read(directory: directory))
        if let known, try isPresent(known, anchor, isShared: isShared, db) {
            // Another process began this life; what this one knows of the life before holds all the same.
            if let anchor, anchor.incarnation != known { try revokeAgain(anchor.revoked, at: wall, db) }
            return known
        }
        let incarnation = fresh()
        if let known, isShared { try MetaTable.noteEarlier(known, db) }
        try MetaTable.keep(Array(incarnation.column), as: .incarnation, db)
        try MetaTable.keep(nil, as: .copied, db)
        try revokeAgain(anchor?.revoked ?? [], at: wall, db)
        return incarnation
    }

    /// The anchor for the file as it is now.
    static func anchor(_ incarnation: Incarnation, _ db: any FleetSession) throws -> IncarnationAnchor {
        let revoked = try DeviceTable.all(db).filter { $0.standing == .revoked }.map(\.id)
        return IncarnationAnchor(
            incarnation: incarnation, openings: try MetaTable.number(.openings, db),
            progress: try FeedTable.progress(db), revoked: revoked)
    }

    /// Whether the books are at least as far as this process saw them.
    ///
    /// Of books that are shared a process may be new, or have been away while another one began a new life.
    private static func isPresent(
        _ incarnation: Incarnation, _ anchor: IncarnationAnchor?, isShared: Bool, _ db: any FleetSession
    ) throws -> Bool {
        guard try MetaTable.value(.copied, db) == nil else { return false }
        guard let anchor else { return isShared }
        guard anchor.incarnation == incarnation else {
            return try isShared && MetaTable.earlier(db).contains(anchor.incarnation)
        }
        return try MetaTable.number(.openings, db) >= anchor.openings
            && FeedTable.progress(db) >= anchor.progress
    }

    /// Who was taken out stays out.
    private static func revokeAgain(_ devices: [DeviceID], at wall: Int64, _ db: any FleetSession) throws {
        for id in devices {
            guard var device = try DeviceTable.find(id, db), device.standing != .revoked else { continue }
            (device.standing, device.reason, device.standingSince) = (.revoked, "revoked before the restore", wall)
            try DeviceTable.keep(device, db)
        }
    }

    private static func fresh() -> Incarnation { Incarnation(rawValue: UUID()) }

    /// The fleet's secret for pseudonyms; made with the file.
    ///
    /// Throws `vault.key.unavailable` for other keys than those that it was sealed with.
    static func openPseudonymKey(_ keys: FleetKeys, _ db: any FleetSession) throws -> Redacted<[UInt8]> {
        let place = SealContext(
            kind: "central.pseudonyms", client: nobody, row: "key", version: 1)
        if let sealed = try MetaTable.value(.pseudonymKey, db),
            let wrapped = try MetaTable.value(.pseudonymSealKey, db)
        {
            do { return Redacted(try keys.sealer.open(sealed, subjectKey: wrapped, context: place)) } catch {
                throw EdgeError(.keyUnavailable, "Central's file was sealed with other keys than those given.")
            }
        }
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let wrapped = try keys.sealer.makeSubjectKey()
        try MetaTable.keep(wrapped, as: .pseudonymSealKey, db)
        try MetaTable.keep(
            keys.sealer.seal(secret, subjectKey: wrapped, context: place), as: .pseudonymKey, db)
        return Redacted(secret)
    }
}

/// Whose tenant it is when it is nobody's.
private let nobody = ClientID(rawValue: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

/// Makes the pseudonyms that all members of the fleet share.
struct Pseudonyms: Sendable {
    let key: Redacted<[UInt8]>
    let codes: any MessageAuthenticator

    func subject(of user: String, tenant: UUID) throws(EdgeError) -> SubjectKey {
        let message = SubjectPseudonym.message(tenant: tenant, user: user)
        return SubjectPseudonym.key(code: try codes.hmacSHA256(key: key, message: message))
    }
}
