import EdgeCore
import Foundation

extension DaemonConfiguration {
    /// How often clients may ask, beside what each client's own record says.
    struct Limits: Equatable, Sendable {
        /// Pictures a second that one session may get by upload.
        var framesPerSecond = 30
        /// Requests a minute without credentials from one address.
        var anonymousPerMinute = 6000
    }

    mutating func readLimits(_ section: ConfigSection) {
        let standard = Limits()
        limits.framesPerSecond = section.integer("frames_per_second", in: 1...1000) ?? standard.framesPerSecond
        limits.anonymousPerMinute =
            section.integer("anonymous_per_minute", in: 60...1_000_000) ?? standard.anonymousPerMinute
        section.finish()
    }

    /// Origins as browsers write them: scheme, host, and the port where it is not the scheme's own.
    static func readAllowedOrigins(_ section: ConfigSection) -> [String] {
        let origins = section.texts("allowed_origins") ?? []
        for origin in origins where !isOrigin(origin) {
            section.problem("allowed_origins", "\"\(origin)\" is not an origin such as \"https://kiosk.example\"")
        }
        return origins
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme, let host = url.host() else { return false }
        let port = url.port.map { ":\($0)" } ?? ""
        let isStandard = (scheme == "https" && url.port == 443) || (scheme == "http" && url.port == 80)
        // A browser leaves the scheme's own port out, writes small letters, and puts no slash at the end.
        return ["http", "https"].contains(scheme) && !host.isEmpty && !isStandard
            && text == "\(scheme)://\(host)\(port)" && text == text.lowercased()
    }
}
