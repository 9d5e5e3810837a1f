import EdgeCore
import Synchronization

/// The galleries that are matched against now, one a tenant.
///
/// Readers take a snapshot and work on it without a lock. Writers must come one at a time: the session service, an
/// actor, is the only one.
final class GalleryBoard: Sendable {
    /// The net whose templates take part.
    let model: ModelVersion
    private let galleries = Mutex<[ClientID: GallerySnapshot]>([:])

    /// An empty board for templates of one model.
    init(model: ModelVersion) { self.model = model }

    /// How many people can be found, all tenants.
    var count: Int { galleries.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    /// The gallery of the tenant with the most people.
    var largest: GallerySnapshot {
        galleries.withLock { $0.values.max { $0.count < $1.count } } ?? GallerySnapshot(model: model)
    }

    /// The gallery of one tenant as it is now.
    func snapshot(of client: ClientID) -> GallerySnapshot {
        galleries.withLock { $0[client] } ?? GallerySnapshot(model: model)
    }

    /// Puts everybody in place of what was there, once all have been read.
    func load(_ templates: any TemplateRepository) async throws(EdgeError) {
        let loaded = Mutex<[ClientID: GallerySnapshot]>([:])
        try await templates.readGallery(of: nil, model: model) { [model] part in
            loaded.withLock { loaded in
                for record in part { loaded[record.client, default: GallerySnapshot(model: model)].put(record) }
            }
        }
        let all = loaded.withLock { $0 }
        galleries.withLock { $0 = all }
    }

    /// Adds many people of one tenant in one step.
    func add(_ records: [GalleryRecord], of client: ClientID) {
        var next = snapshot(of: client)
        for record in records { next.put(record) }
        let all = next
        galleries.withLock { $0[client] = all }
    }

    /// Adds a person, or puts new templates in place of the person's old ones.
    func replace(_ record: GalleryRecord) {
        let next = snapshot(of: record.client).replacing(record)
        galleries.withLock { $0[record.client] = next }
    }

    /// Takes a person out of whichever gallery holds them.
    func remove(_ person: PersonID) {
        for (client, gallery) in galleries.withLock({ $0 }) {
            let next = gallery.removing(person)
            if next.count != gallery.count { galleries.withLock { $0[client] = next } }
        }
    }

    /// Takes a whole tenant out.
    func remove(client: ClientID) { galleries.withLock { _ = $0.removeValue(forKey: client) } }
}
