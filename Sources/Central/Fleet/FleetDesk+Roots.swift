public import EdgeCore
import FoundationEssentials
public import SyncCore

extension FleetDesk {
    /// What was announced last; `nil` where nothing was.
    public func announcedRoots() async throws(EdgeError) -> FleetRoots? {
        let note = try await database.read { db in try MetaTable.value(.roots, db) }
        guard let note else { return nil }
        let text = try SignedNote.open(
            String(decoding: note, as: UTF8.self), signedAs: FleetRoots.signerName, publicKey: keys.signer.publicKey,
            keys.signer)
        return text.flatMap { FleetRoots(text: $0) }
    }

    /// Announces the roots that verify central from now on, to all members that pin any.
    ///
    /// Throws `request.invalid` for what are no certificates.
    public func announce(roots pem: String) async throws(EdgeError) -> FleetRoots {
        guard pem.utf8.count <= Self.longestRoots, let found = try keys.certificates.certificates(inPEM: pem) else {
            throw EdgeError(.requestInvalid, "These are no certificates in PEM.", field: "roots")
        }
        // Only the certificates: what a file says beside them is nobody's business.
        var certificates = ""
        for der in found { certificates += try keys.certificates.pem(ofDER: der) }
        let signer = keys.signer
        return try await transaction { [certificates] transaction in
            // Above every earlier one, also of books that were put back since.
            let serial = max(try MetaTable.number(.rootsSerial, transaction.db) + 1, transaction.wall)
            let roots = FleetRoots(serial: UInt64(serial), certificates: certificates)
            let note = try SignedNote.sign(roots.text, as: FleetRoots.signerName, signer)
            try transaction.db.alone()
            try MetaTable.keep(serial, as: .rootsSerial, transaction.db)
            try MetaTable.keep(Array(note.utf8), as: .roots, transaction.db)
            for device in try DeviceTable.all(transaction.db) where device.standing != .revoked {
                transaction.touched.insert(device.id)
            }
            return roots
        }
    }

    /// Some dozens of certificates.
    private static let longestRoots = 128 * 1024
}

extension PullReader {
    /// The announcement that the device has not taken yet.
    func news(of roots: UInt64?, _ db: any FleetSession) throws -> String? {
        guard let known = roots, try MetaTable.number(.rootsSerial, db) > Int64(clamping: known) else { return nil }
        return try MetaTable.value(.roots, db).map { String(decoding: $0, as: UTF8.self) }
    }
}
