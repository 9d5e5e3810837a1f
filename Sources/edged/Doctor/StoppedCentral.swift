import Central
import EdgeCore
import Foundation
import SyncCore
import Vault

/// A central instance that does not run, as far as it can be looked at without writing anything.
struct StoppedCentral {
    let configuration: DaemonConfiguration

    /// Whether this machine's configuration or files are those of a central instance.
    var isHere: Bool {
        let central = configuration.central
        return central.postgres != nil || central.postgresFile != nil || StoppedBooks.areThere(in: central.directory)
    }

    func findings(at now: Date) async -> [Finding] {
        var standing = CentralStanding(at: now)
        standing.certificateExpiresAt = certificateEnd
        do throws(EdgeError) {
            guard isReadable else {
                let unknown = Finding(.database, .unknown, "The fleet's books cannot be read.", fix: "run this as root")
                return [unknown] + exam(standing, now).findings.filter { $0.area != .database }
            }
            let postgres = try configuration.postgresOptions()
            let survey = try await StoppedBooks(directory: configuration.central.directory, postgres: postgres)
                .survey(patience: configuration.central.lease.fresh, at: now)
            (standing.database, standing.fleet) = (survey.database, survey.fleet)
        } catch {
            return [Self.finding(error)] + exam(standing, now).findings.filter { $0.area != .database }
        }
        return exam(standing, now).findings
    }

    /// Whether this account may read the books' file, or the file that names their database.
    private var isReadable: Bool {
        let central = configuration.central
        if central.postgres != nil { return true }
        let file = central.postgresFile ?? "\(central.directory)/central.sqlite"
        return access(file, R_OK) == 0 || errno != EACCES
    }

    private func exam(_ standing: CentralStanding, _ now: Date) -> CentralExam {
        CentralExam(standing: standing, now: now, connections: configuration.centralConnections)
    }

    private static func finding(_ error: EdgeError) -> Finding {
        switch error.code {
        case .storeBusy:
            Finding(.database, .unknown, error.detail, fix: "start central, or end what has it open, and ask again")
        case .storeUnavailable:
            Finding(.database, .bad, error.detail, fix: CentralExam.serverFix)
        default: Finding(.database, .bad, "\(error.detail) [\(error.code.rawValue)]", fix: error.code.remedy)
        }
    }

    /// Of the certificate on disk that devices will be shown.
    private var certificateEnd: Date? {
        let file: String? =
            switch configuration.http.lan?.protection {
            case .certificate(let file, _): file
            case .ownCertificate: configuration.certificateDirectory + "/device.crt"
            case .plainText, nil: nil
            }
        guard let file, let bytes = FileManager.default.contents(atPath: file) else { return nil }
        return CertificateTerm.end(ofPEM: String(decoding: bytes, as: UTF8.self))
    }
}

extension DaemonConfiguration {
    /// The most connections that a central instance opens to its server: one beside the pool listens.
    var centralConnections: Int { central.postgresConnections + 1 }
}
