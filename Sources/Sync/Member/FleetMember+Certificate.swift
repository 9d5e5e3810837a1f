import EdgeCore
import FoundationEssentials
import Logging
import SyncCore

/// Keeps the certificate with which the device shows central who it is.
extension FleetMember {
    /// Asks for a certificate whenever one is due, until cancelled.
    func keepCertificate(_ identity: MemberIdentity, _ link: any SecuredLink) async {
        while !Task.isCancelled {
            await look(at: identity)
            let wait = certificate.wait(at: now, wall: clock.wall)
            reportTime()
            if wait == .zero {
                await renew(identity, link)
            } else {
                await certificateBell.wait(orUntil: { [sleep] in try await sleep(wait ?? CertificateBook.pause) })
            }
        }
    }

    /// Reads what is there: the key may have been exchanged by hand.
    private func look(at identity: MemberIdentity) async {
        do throws(EdgeError) {
            certificate.held = try await aside { () throws(EdgeError) in try identity.link.present() }
            if certificate.held != nil { health.clear(ErrorCode.certificateKey.rawValue) }
        } catch {
            health.raise(error)
        }
    }

    private func renew(_ identity: MemberIdentity, _ link: any SecuredLink) async {
        guard let device = life?.membership.device, !isPaused else {
            return await certificateBell.wait(orUntil: { [sleep] in try await sleep(.seconds(60)) })
        }
        noteAsking()
        do throws(EdgeError) {
            let request = try await aside { () throws(EdgeError) in try identity.link.request(for: device.description) }
            let statement = CertificateRequestMessage.statement(device: device, request: request)
            let proof = Data(try identity.signer.sign(statement)).base64EncodedString()
            switch await ask(CertificateRequestMessage(request: request, proof: proof), device, link) {
            case .success(let answer):
                let fresh = try await aside { () throws(EdgeError) in try identity.link.install(answer.certificate) }
                certificate.given(fresh, at: now)
                log.notice("central gave a certificate", metadata: ["serial": "\(fresh.serial)"])
                health.clear(ErrorCode.certificateKey.rawValue)
                link.identityChanged()
                // What waited because of it waits no more.
                networkUp()
            case .failure(let refusal): await noteRefusal(refusal)
            }
        } catch {
            log.error("there is no certificate", metadata: ["error": "\(error)"])
            health.raise(error)
        }
    }

    private func noteAsking() {
        certificate.asks(at: now, using: &random)
    }

    private func ask(
        _ request: CertificateRequestMessage, _ device: DeviceID, _ link: any SecuredLink
    ) async -> Result<CertificateAnswer, SyncRefusal> {
        do throws(SyncRefusal) { return .success(try await link.certificate(request, of: device)) } catch {
            return .failure(error)
        }
    }

    /// Central answered as it answers members.
    func certificateTaken() {
        certificate.taken()
        for code in [ErrorCode.certificateNeeded, .certificateRefused] { health.clear(code.rawValue) }
    }

    /// What central asks its members for.
    func heardPolicy(_ policy: CertificatePolicy) {
        guard certificate.policy != policy else { return }
        certificate.policy = policy
        certificateBell.ring()
    }

    /// Central does not take what it is shown; a first word that one is needed is how a membership begins.
    func certificateRefused(_ refusal: SyncRefusal) {
        let isRepeated = certificate.refused()
        certificateBell.ring()
        let code: ErrorCode
        switch refusal {
        case .certificateRefused: code = .certificateRefused
        default: code = .certificateNeeded
        }
        guard isRepeated || code == .certificateRefused else { return }
        log.warning("central refuses the certificate", metadata: ["code": "\(refusal.code)"])
        health.raise(EdgeError(code, SyncRefusalBody(refusal).detail))
    }

    /// Says when there should have been another certificate long ago.
    private func reportTime() {
        guard let held = certificate.held, (certificate.policy ?? .off) != .off, clock.wall >= held.alarm else {
            return health.clear("sync.certificate.expiring")
        }
        let isOver = clock.wall >= held.end
        health.raise(
            "sync.certificate.expiring",
            title: isOver
                ? "The certificate for central is over." : "The certificate for central ends and there is no other.",
            severity: isOver ? .error : .warning,
            remedy: "Look why central gives none: its audit trail and the device's log name the reason.")
    }

    /// The certificate says nothing any more.
    func dropCertificate() async {
        certificate = CertificateBook()
        guard let identity else { return }
        do throws(EdgeError) {
            try await aside { () throws(EdgeError) in try identity.link.remove() }
        } catch {
            log.error("the certificate for central stays", metadata: ["error": "\(error)"])
        }
    }

    func clearCertificateConditions() {
        for code in [ErrorCode.certificateNeeded, .certificateRefused, .certificateKey, .rootsRefused] {
            health.clear(code.rawValue)
        }
        health.clear("sync.certificate.expiring")
    }
}
