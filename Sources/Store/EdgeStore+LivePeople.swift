public import EdgeCore
import FoundationEssentials
import GRDB
import Logging

/// What the gallery in memory asks for one person or client, to follow a change.
extension EdgeStore {
    /// The person as they may be recognised now; `nil` when they may not, or are gone.
    ///
    /// A person whose record was changed is left out, as at the start.
    public func galleryRecord(of person: PersonID) async throws(EdgeError) -> GalleryRecord? {
        let moment = clock.wall
        do throws(EdgeError) {
            return try await read { [self] db in
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM people WHERE id = :id AND \(TemplatesInForce.condition)",
                    arguments: ["id": person.column, "now": moment.column])
                guard let row else { return nil }
                let owner = try PersonOwner(row, sealer)
                let templates = try templates(of: owner, db)
                guard !templates.isEmpty else { return nil }
                return GalleryRecord(client: owner.client, person: owner.matched, templates: templates)
            }
        } catch {
            guard error.code == .sealBroken || error.code == .storeCorrupt else { throw error }
            log.error("a sealed person could not be opened", metadata: ["person": "\(person)"])
            return nil
        }
    }

    /// Whether the client may use the device now.
    public func mayUseDevice(_ client: ClientID) async throws(EdgeError) -> Bool {
        try cached { $0[client]?.record.isActive ?? false }
    }
}
