import EdgeCore
import FoundationEssentials
import SyncCore
import Vault

/// What the command line asks of a central instance about certificates.
extension ControlDesk {
    /// Who signs the certificates of devices.
    func showAuthority(_: Control.Nothing) async throws(EdgeError) -> Control.Certificates {
        guard let fleet else { throw EdgeError(.centralAbsent) }
        return try described(try await fleet.authorities())
    }

    /// Announces roots where some are given; what was announced last.
    func announceRoots(_ order: Control.Certificates) async throws(EdgeError) -> Control.Certificates {
        guard let fleet else { throw EdgeError(.centralAbsent) }
        let roots: FleetRoots?
        if let pem = order.pem {
            let announced = try await fleet.announce(roots: pem)
            try await store.append(
                AuditRecord(
                    action: "fleet.roots.announced", succeeded: true,
                    detailsJSON: try ControlJSON.line(["announcement": "\(announced.serial)"]), at: SystemClock().wall))
            roots = announced
        } else {
            roots = try await fleet.announcedRoots()
        }
        guard let roots, let found = try vault.certificates(inPEM: roots.certificates) else {
            return Control.Certificates()
        }
        var answer = try described(found)
        answer.announcement = roots.serial
        return answer
    }

    private func described(_ certificates: [[UInt8]]) throws(EdgeError) -> Control.Certificates {
        var answer = Control.Certificates(pem: "")
        for der in certificates {
            answer.pem? += try vault.pem(ofDER: der)
            answer.fingerprints.append(try CertificateFingerprint.text(ofDER: der))
        }
        return answer
    }
}
