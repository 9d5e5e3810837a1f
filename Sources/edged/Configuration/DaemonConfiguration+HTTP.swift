import EdgeCore
import Foundation
import Vault

extension DaemonConfiguration {
    /// The word that opens the network to plain HTTP: whoever writes it has read what it does.
    private static let plainHTTP = "plain_http_sends_faces_and_passwords_unprotected"

    mutating func readHTTP(_ section: ConfigSection, _ paths: PathResolver) {
        if let address = Self.address(section, example: "127.0.0.1:8080") {
            http.host = address.host
            http.port = address.port
            if !address.isLoopback {
                section.problem(
                    "listen", "must be a loopback address (127.0.0.1, ::1 or localhost); other machines get [http.lan]")
            }
        }
        http.controlSocket =
            section.text("control_socket").map(paths.absolute) ?? storeDirectory + "/edged.sock"
        http.socket = readSocket(section, paths)
        let environment = ProcessInfo.processInfo.environment
        http.assets = paths.absolute(section.text("www") ?? environment["EDGED_WWW"] ?? http.assets)
        http.allowedOrigins = Self.readAllowedOrigins(section)
        if let lan = section.sectionIfThere("lan") { http.lan = readLAN(lan, paths) }
        section.finish()
    }

    private func readSocket(_ section: ConfigSection, _ paths: PathResolver) -> String? {
        guard let path = section.text("socket").map(paths.absolute) else { return nil }
        if path.utf8.count > ControlSocketPath.longest {
            section.problem("socket", "must be at most \(ControlSocketPath.longest) bytes long as an absolute path")
        }
        if path == http.controlSocket { section.problem("socket", "must not be the control socket") }
        return path
    }

    private func readLAN(_ section: ConfigSection, _ paths: PathResolver) -> LAN? {
        defer { section.finish() }
        let protection = Self.protection(section, paths)
        guard section.has("listen") else {
            section.problem("listen", "must say where, for example \"0.0.0.0:8443\"")
            return nil
        }
        guard let address = Self.address(section, example: "0.0.0.0:8443") else { return nil }
        if address.port != 0, address.port == http.port {
            section.problem("listen", "must have another port than http.listen")
        }
        return LAN(host: address.host, port: address.port, protection: protection)
    }

    private static func protection(_ section: ConfigSection, _ paths: PathResolver) -> LAN.Protection {
        let certificate = section.text("certificate").map(paths.absolute)
        let key = section.text("key").map(paths.absolute)
        let names = section.texts("names")
        let isPlain = section.flag(plainHTTP, default: false)
        if isPlain, certificate != nil || key != nil || names != nil {
            section.problem(plainHTTP, "stands against certificate, key and names: choose one or the other")
        }
        switch (certificate, key) {
        case (let certificate?, let key?):
            if names != nil { section.problem("names", "is for the device's own certificate; the given one has names") }
            return .certificate(file: certificate, key: key)
        case (nil, nil): return isPlain ? .plainText : .ownCertificate(names: certificateNames(section, names ?? []))
        case (nil, _?): section.problem("certificate", "must be given with key")
        case (_?, nil): section.problem("key", "must be given with certificate")
        }
        return .ownCertificate(names: [])
    }

    private static func certificateNames(_ section: ConfigSection, _ names: [String]) -> [CertificateName] {
        names.compactMap { text in
            let name = CertificateName(text)
            if name == nil { section.problem("names", "\"\(text)\" is neither a host name nor an IP address") }
            return name
        }
    }

    private static func address(_ section: ConfigSection, example: String) -> ListenAddress? {
        guard let text = section.text("listen") else { return nil }
        let address = ListenAddress(text)
        if address == nil { section.problem("listen", "must be HOST:PORT, for example \"\(example)\"") }
        return address
    }
}
