public import EdgeCore
import Logging

/// The gallery follows what others changed in the store.
///
/// Changes are recorded in one order and told in another. So what is told says whom to look at and no more: looks come one
/// at a time, and each reads the store after the change that it was told of. The last look sees the last change.
extension SessionService: LiveGallery {
    /// Puts a person's new record in place of the old one; who may not be recognised any more is taken out.
    ///
    /// Where the store cannot be read the record is taken as it was told.
    public func personChanged(_ record: GalleryRecord) async {
        await look { service in
            do throws(EdgeError) {
                let now = try await service.templates.galleryRecord(of: record.person.id)
                service.show(now, as: record.person.id)
            } catch {
                service.show(record.templates.isEmpty ? nil : record, as: record.person.id)
            }
        }
    }

    /// Takes a removed person out of the gallery at once; open sessions no longer find them, and no session in memory
    /// knows them any more.
    ///
    /// One who may be recognised again by now comes back.
    public func personRemoved(_ id: PersonID) async {
        board.remove(id)
        await forgetWhatEnded()
        await look { service in
            do throws(EdgeError) {
                let now = try await service.templates.galleryRecord(of: id)
                service.show(now, as: id)
            } catch {
                service.board.remove(id)
            }
        }
    }

    /// Ends the open sessions of a client that may no longer use the device, and forgets its gallery.
    public func clientDeactivated(_ client: ClientID) async {
        board.remove(client: client)
        for (id, session) in live where session.snapshot.client == client && session.isOpen {
            await endQuietly(id, as: .cancelled, .cancelled)
        }
        await look { service in await service.reload(client) }
    }

    /// Drops from memory all sessions that have ended, here or in the store, which answers for them from now on.
    ///
    /// Their names, ids and samples may be those of somebody who was removed just now.
    func forgetWhatEnded() async {
        for id in Array(live.keys) {
            switch live[id]?.phase {
            case .ended: forget(id)
            case .recording, nil: break
            case .open: await forgetIfCancelled(id)
            }
        }
        // What a dictionary gave up stays in its memory, so both are made anew.
        live = Dictionary(uniqueKeysWithValues: live.map { ($0.key, $0.value) })
        enrolling = Dictionary(uniqueKeysWithValues: enrolling.map { ($0.key, $0.value) })
    }

    /// A removal cancels in the store the open sessions that claim the person.
    private func forgetIfCancelled(_ id: SessionID) async {
        guard let session = live[id]?.snapshot, session.externalUserID != nil else { return }
        let client = session.client
        do throws(EdgeError) {
            guard let stored = try await repository.session(.id(id), of: client), !stored.state.isOpen else { return }
            // Meanwhile it may have come to its decision, which waits for nobody else.
            guard case .open = live[id]?.phase else { return }
            forget(id)
        } catch {
            log.error("A session could not be looked up.", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    /// Brings back the people of a client that may use the device again.
    ///
    /// Where the store cannot be read they stay out, which keeps a door shut until the next start.
    public func clientActivated(_ client: ClientID) async {
        await look { service in await service.reload(client) }
    }

    /// Reads everybody anew: of a write whose end nobody saw only the store knows whether it took place.
    ///
    /// Where the store cannot be read everything stays as it was.
    public func storeReopened() async {
        await look { service in
            do throws(EdgeError) {
                try await service.board.load(service.templates)
            } catch {
                service.log.error("The gallery could not be read anew.", metadata: ["code": "\(error.code.rawValue)"])
            }
        }
        await forgetWhatEnded()
    }

    private func show(_ record: GalleryRecord?, as person: PersonID) {
        if let record { board.replace(record) } else { board.remove(person) }
    }

    private func reload(_ client: ClientID) async {
        do throws(EdgeError) {
            guard try await templates.mayUseDevice(client) else { return board.remove(client: client) }
            board.add(try await templates.gallery(of: client, model: board.model), of: client)
        } catch {
            board.remove(client: client)
            log.error("A client's people could not be loaded.", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    /// Does `body` when all looks before it are done.
    private func look(_ body: @escaping @Sendable (isolated SessionService) async -> Void) async {
        let before = looking
        let own = Task {
            await before?.value
            await body(self)
        }
        looking = own
        await own.value
    }
}
