public import EdgeCore
import Logging

/// The gallery follows what others changed in the store.
extension SessionService: LiveGallery {
    /// Puts a person's new record in place of the old one; who has no templates is taken out.
    public func personChanged(_ record: GalleryRecord) {
        guard !record.templates.isEmpty else { return board.remove(record.person.id) }
        board.replace(record)
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
        do throws(EdgeError) {
            board.add(try await templates.gallery(of: client), of: client)
        } catch {
            log.error("A client's people could not be loaded.", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}
