import ArgumentParser
import EdgeCore
import Foundation

extension CentralCommand {
    /// `edged central ca`.
    struct Authority: EdgedCommand {
        static let configuration = CommandConfiguration(
            commandName: "ca",
            abstract: "Print the certificate of the authority that signs the certificates of devices.",
            discussion: "For whatever looks at these certificates beside this central instance.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let found = try await CentralAnswer.ask(
                common, .fleetAuthority, Control.Nothing(), as: Control.Certificates.self)
            return try found.show(common)
        }
    }

    /// `edged central roots`.
    struct Roots: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what verifies central as devices were told, or tell them something else.",
            discussion: """
                To go from one root to the next without a gap: announce a file with both, wait until all devices were there, \
                give central its new certificate, and announce the new root alone.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Tell all devices that pin roots that these certificates, PEM, verify central.")
        var announce: String?

        func perform() async throws -> ExitCode {
            let order = Control.Certificates(
                pem: try announce.map { path throws(EdgeError) in try CertificateFile.read(path, field: "announce") })
            let found = try await CentralAnswer.ask(common, .fleetRoots, order, as: Control.Certificates.self)
            return try found.show(common)
        }
    }
}

extension Control.Certificates {
    fileprivate func show(_ common: CommonOptions) throws -> ExitCode {
        if common.json {
            try Output.json(self)
        } else {
            if let pem { Output.line(pem) }
            for fingerprint in fingerprints { Output.complain("sha256 \(fingerprint)") }
            if pem == nil { Output.complain("nothing was announced: devices keep what they were provisioned with") }
        }
        return ExitStatus.yes
    }
}
