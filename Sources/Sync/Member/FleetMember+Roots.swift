public import EdgeCore
import FoundationEssentials
import Logging
import SyncCore

/// Follows central from one root to the next.
extension FleetMember {
    /// Takes an announcement of roots, once central is verified by them: a wrong one locks nobody out.
    func take(rootsOf answer: PullAnswer, _ membership: Membership) async {
        guard let note = answer.roots else { return health.clear(ErrorCode.rootsRefused.rawValue) }
        guard membership.pinnedRoots != nil, let link = life?.desk as? any SecuredLink,
            let roots = announcement(in: note, membership), roots.serial > membership.rootsSerial
        else { return }
        do throws(SyncRefusal) { try await link.tryRoots(roots.certificates) } catch {
            // Where central was only away, the same announcement comes again.
            guard case .unreachable(_, .certificate) = error else { return }
            log.error("the roots that central announced do not verify it")
            return health.raise(EdgeError(.rootsRefused))
        }
        do throws(EdgeError) {
            try await keep(roots.certificates, serial: roots.serial, link)
            log.notice("other roots verify central from now on", metadata: ["announcement": "\(roots.serial)"])
            health.clear(ErrorCode.rootsRefused.rawValue)
        } catch {
            log.error("the roots of central cannot be kept", metadata: ["error": "\(error)"])
        }
    }

    /// Has these roots verify central, because somebody at the device says so.
    ///
    /// Throws `sync.member.missing`, and `configuration.invalid` for what are no certificates.
    public func pin(roots pem: String) async throws(EdgeError) {
        guard let life, let link = life.desk as? any SecuredLink else { throw EdgeError(.memberMissing) }
        _ = try LinkWay(url: life.membership.url, pinnedRoots: pem, options: LinkOptions())
        try await keep(pem, serial: life.membership.rootsSerial, link)
        log.notice("other roots verify central from now on", metadata: ["by": "an operator"])
        networkUp()
    }

    private func keep(_ pem: String, serial: UInt64, _ link: any SecuredLink) async throws(EdgeError) {
        try await store.keepRoots(pem, serial: serial)
        life?.membership.pinnedRoots = pem
        life?.membership.rootsSerial = serial
        link.pin(pem)
    }

    private func announcement(in note: String, _ membership: Membership) -> FleetRoots? {
        guard let key = Data(base64Encoded: membership.grant.centralKey),
            let text = try? SignedNote.open(
                note, signedAs: FleetRoots.signerName, publicKey: Array(key), checker)
        else { return nil }
        return FleetRoots(text: text)
    }
}
