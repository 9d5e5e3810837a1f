import Capture
import EdgeCore
import Foundation
import Sync
import Vault

extension DaemonConfiguration {
    /// Every key as it is in force, in the order of the file; a key that is not set and has no default is left out.
    ///
    /// Nothing secret: of an address with a password only the host is told.
    var entries: [ConfigurationEntry] {
        httpEntries + placeEntries + cameras.flatMap(\.entries) + profileEntries + previewEntries + onAirEntries
            + decoderEntries
            + recognitionEntries + sessionEntries + outboxEntries + retentionEntries + templateEntries + restEntries
            + fleetEntries
    }

    private var httpEntries: [ConfigurationEntry] {
        let origins = http.allowedOrigins.joined(separator: ", ")
        var rows: [(String, String?)] = [
            ("http.listen", "\(http.host):\(http.port)"), ("http.control_socket", http.controlSocket),
            ("http.socket", http.socket), ("http.www", http.assets),
            ("http.allowed_origins", origins.isEmpty ? nil : origins),
            ("http.lan.listen", http.lan.map { "\($0.host):\($0.port)" }),
        ]
        switch http.lan?.protection {
        case .ownCertificate(let names):
            rows.append(("http.lan.names", names.isEmpty ? nil : names.map(Self.text).joined(separator: ", ")))
        case .certificate(let file, _): rows.append(("http.lan.certificate", file))
        case .plainText: rows.append(("http.lan.plain_http_sends_faces_and_passwords_unprotected", "true"))
        case nil: break
        }
        return Self.entries(rows)
    }

    private var placeEntries: [ConfigurationEntry] {
        Self.entries([
            ("store.directory", storeDirectory), ("store.recover", "\(storeRecovers)"),
            ("store.audit_retention", auditRetention.map { "\($0.components.seconds)s" }),
            ("keys.source", keys.source.rawValue), ("keys.provider", keys.provider?.provider),
            ("keys.key", keys.provider.map { Self.withoutAttributes($0.key) }), ("keys.tcti", keys.provider?.tcti),
            ("models.directory", modelsDirectory),
        ])
    }

    private var recognitionEntries: [ConfigurationEntry] {
        Self.entries([
            ("recognition.threads", recognition.threads.map { "\($0)" }),
            ("recognition.verification_fmr", "\(recognition.verificationFMR)"),
            ("recognition.identification_fmr", "\(recognition.identificationFMR)"),
            ("liveness.policy", liveness.policy.rawValue), ("liveness.threshold_logit", "\(liveness.thresholdLogit)"),
            ("liveness.infrared", liveness.infrared.rawValue),
            ("liveness.infrared_offset", "\(liveness.infraredOffset)"),
            ("liveness.infrared_scale", "\(liveness.infraredScale)"),
        ])
    }

    private var sessionEntries: [ConfigurationEntry] {
        Self.entries([
            ("sessions.ttl", Self.text(sessions.timeToLive)),
            ("sessions.target_samples", "\(sessions.targetSamples)"), ("sessions.min_frames", "\(sessions.minFrames)"),
            ("sessions.max_usable_frames", "\(sessions.maxUsableFrames)"),
            ("sessions.max_upload_frames", "\(sessions.maxUploadFrames)"),
            ("sessions.max_camera_frames", "\(sessions.maxCameraFrames)"),
            ("sessions.decision_timeout", Self.text(sessions.decisionTimeout)),
            ("sessions.max_open_per_client", "\(sessions.maxOpenPerClient)"),
            ("sessions.duplicates", sessions.duplicates.rawValue),
            ("sessions.lockout_misses", "\(sessions.lockoutMisses)"),
            ("sessions.lockout_first", Self.text(sessions.lockoutFirst)),
            ("sessions.lockout_maximum", Self.text(sessions.lockoutMaximum)),
            ("limits.frames_per_second", "\(limits.framesPerSecond)"),
            ("limits.anonymous_per_minute", "\(limits.anonymousPerMinute)"),
        ])
    }

    private var restEntries: [ConfigurationEntry] {
        Self.entries([
            ("webhooks.local_delivery", "\(webhooks.localDelivery)"),
            (
                "webhooks.allow",
                webhooks.allow.isEmpty ? nil : webhooks.allow.map(\.description).joined(separator: ", ")
            ),
            ("webhooks.ca_file", webhooks.caFile.map { _ in "set" }),
            ("central.url", centralURL.flatMap(Self.place)), ("log.level", logLevel.rawValue),
        ])
    }

    /// Rows with what the catalogue says of their keys; those without a value are left out.
    static func entries(_ rows: [(String, String?)]) -> [ConfigurationEntry] {
        rows.compactMap { key, value in
            value.map { ConfigurationEntry(key: key, value: $0, about: ConfigCatalogue.key(key)?.about ?? "") }
        }
    }

    private static func text(_ name: CertificateName) -> String {
        switch name {
        case .host(let text), .address(let text): text
        }
    }

    private static func text(_ duration: Duration) -> String { "\(Int(duration / .milliseconds(1)))ms" }

    /// What follows the question mark in the URI of a token's key may be its PIN.
    static func withoutAttributes(_ uri: String) -> String { String(uri.prefix { $0 != "?" }) }

    /// Scheme and host: what else an address holds may be secret.
    private static func place(_ url: String) -> String? {
        guard let url = URL(string: url), let scheme = url.scheme, let host = url.host() else { return nil }
        return "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
    }
}

extension DaemonConfiguration.Camera {
    fileprivate var entries: [ConfigurationEntry] {
        let place =
            switch source {
            case .device(let path): ("device", path)
            case .replay(let path): ("replay", path)
            }
        let rows: [(String, String?)] = [
            ("role", role), place, ("infrared", infrared), ("width", "\(width)"), ("height", "\(height)"),
            ("fps", framesPerSecond.map { "\($0)" }),
            ("formats", formats.joined(separator: ", ")),
            ("profile", profile?.name), ("controls", DaemonConfiguration.written(controls)),
            ("loops", loops ? nil : "false"), ("frozen_after", Self.text(frozenAfter)),
            ("covered_after", Self.text(coveredAfter)),
        ]
        let others: [(String, String?)] = [
            ("pin", pin?.configurationValue), ("allow_virtual", "\(allowsVirtual)"),
        ]
        return DaemonConfiguration.entries((rows + restRows + others).map { ("cameras.\(name).\($0.0)", $0.1) })
    }

    private static func text(_ duration: Duration?) -> String {
        duration.map { "\($0.components.seconds)s" } ?? "off"
    }
}
