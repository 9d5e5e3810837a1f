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

    /// Begins a new incarnation where the file is new or was put back, and counts the opening.
    static func begin(directory: String, keys: FleetKeys, at wall: Int64, _ db: any FleetSession) throws -> FleetLife {
        let pseudonymKey = try openPseudonymKey(keys, db)
        let known = try MetaTable.incarnation(db)
        let anchor = IncarnationAnchor.read(directory: directory)
        let isSame = try known.map { try isPresent($0, anchor, db) } ?? false
        let incarnation = isSame ? known ?? fresh() : fresh()
        if !isSame {
            try MetaTable.keep(Array(incarnation.column), as: .incarnation, db)
            try MetaTable.keep(nil, as: .copied, db)
            try revokeAgain(anchor?.revoked ?? [], at: wall, db)
        }
        if known == nil { try FleetTransaction.createScope(named: "everybody", at: wall, db) }
        let openings = try max(MetaTable.number(.openings, db), anchor?.openings ?? 0) + 1
        try MetaTable.keep(openings, as: .openings, db)
        return FleetLife(
            incarnation: incarnation, anchor: try self.anchor(incarnation, db), pseudonymKey: pseudonymKey,
            isRestored: known != nil && !isSame)
    }

    /// The anchor for the file as it is now.
    static func anchor(_ incarnation: Incarnation, _ db: any FleetSession) throws -> IncarnationAnchor {
        let revoked = try DeviceTable.all(db).filter { $0.standing == .revoked }.map(\.id)
        return IncarnationAnchor(
            incarnation: incarnation, openings: try MetaTable.number(.openings, db),
            progress: try FeedTable.progress(db), revoked: revoked)
    }

    private static func isPresent(
        _ incarnation: Incarnation, _ anchor: IncarnationAnchor?, _ db: any FleetSession
    ) throws -> Bool {
        guard let anchor, anchor.incarnation == incarnation, try MetaTable.value(.copied, db) == nil else {
            return false
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
    private static func openPseudonymKey(_ keys: FleetKeys, _ db: any FleetSession) throws -> Redacted<[UInt8]> {
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
