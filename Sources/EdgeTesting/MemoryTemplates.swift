public import EdgeCore
import Synchronization

/// Enrolled people in memory.
public final class MemoryTemplates: TemplateRepository {
    private let records: Mutex<[GalleryRecord]>
    private let inactive = Mutex<Set<ClientID>>([])

    /// Starts with `records`.
    public init(_ records: [GalleryRecord] = []) { self.records = Mutex(records) }

    /// Everybody of one tenant, or of all, one by one, with the templates of one model or of all.
    public func readGallery(
        of client: ClientID?, model: ModelVersion?, _ take: @escaping @Sendable ([GalleryRecord]) -> Void
    ) async throws(EdgeError) {
        for record in records.withLock({ $0 }) where client == nil || client == record.client {
            let templates = record.templates.filter { model == nil || $0.model == model }
            guard !templates.isEmpty else { continue }
            take([GalleryRecord(client: record.client, person: record.person, templates: templates)])
        }
    }

    /// One person; `nil` when they are gone.
    public func galleryRecord(of person: PersonID) async throws(EdgeError) -> GalleryRecord? {
        records.withLock { $0.first { $0.person.id == person } }
    }

    /// Whether nobody has said otherwise.
    public func mayUseDevice(_ client: ClientID) async throws(EdgeError) -> Bool {
        inactive.withLock { !$0.contains(client) }
    }

    /// From now on the client may not use the device.
    public func deactivate(_ client: ClientID) { inactive.withLock { _ = $0.insert(client) } }

    /// Takes a person out.
    public func remove(_ person: PersonID) { records.withLock { $0.removeAll { $0.person.id == person } } }

    /// Puts a person in, in place of what was known of them.
    public func put(_ record: GalleryRecord) {
        records.withLock { held in
            held.removeAll { $0.person.id == record.person.id }
            held.append(record)
        }
    }

    /// Puts a person's templates in place of the earlier ones; the person keeps the id of the first enrollment.
    public func replace(
        externalID: String, displayName: String?, of client: ClientID, templates: [FaceTemplate]
    ) -> GalleryRecord {
        records.withLock { held in
            // By bytes, as the real store: two spellings are two people.
            let known = held.firstIndex {
                $0.client == client && $0.person.externalID.utf8.elementsEqual(externalID.utf8)
            }
            let id = known.map { held[$0].person.id } ?? PersonID()
            let person = MatchedPerson(id: id, externalID: externalID, displayName: displayName)
            let record = GalleryRecord(client: client, person: person, templates: templates)
            if let known { held[known] = record } else { held.append(record) }
            return record
        }
    }
}
