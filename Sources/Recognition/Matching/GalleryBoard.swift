import EdgeCore
import Synchronization

/// The galleries that are matched against now, one a tenant.
///
/// Readers take a snapshot and work on it without a lock. A change makes another one, which shares with it all but what
/// it changes, and takes its place under the lock: no search waits for it. Writers must come one at a time: the session
/// service, an actor, is the only one.
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
        var all = loaded.withLock { $0 }
        galleries.withLock { swap(&$0, &all) }
    }

    /// Adds many people of one tenant in one step.
    func add(_ records: [GalleryRecord], of client: ClientID) {
        var next = snapshot(of: client)
        for record in records { next.put(record) }
        show(next, of: client)
    }

    /// Adds a person, or puts new templates in place of the person's old ones.
    func replace(_ record: GalleryRecord) {
        show(snapshot(of: record.client).replacing(record), of: record.client)
    }

    /// Takes a person out of whichever gallery holds them.
    func remove(_ person: PersonID) {
        let holders = galleries.withLock { $0.filter { $0.value.contains(person) }.map(\.key) }
        for client in holders { show(snapshot(of: client).removing(person), of: client) }
    }

    /// Takes a whole tenant out.
    func remove(client: ClientID) { _ = galleries.withLock { $0.removeValue(forKey: client) } }

    /// What it takes the place of is let go after the lock: memory is freed and wiped meanwhile, and readers need not wait.
    private func show(_ next: GallerySnapshot, of client: ClientID) {
        _ = galleries.withLock { $0.updateValue(next, forKey: client) }
    }
}
