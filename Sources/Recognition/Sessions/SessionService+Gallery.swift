public import EdgeCore
import Logging

/// The gallery follows what others changed in the store.
extension SessionService: LiveGallery {
    /// Puts a person's new record in place of the old one; who has no templates is taken out.
    public func personChanged(_ record: GalleryRecord) {
        guard !record.templates.isEmpty else { return board.remove(record.person.id) }
        board.replace(record)
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
