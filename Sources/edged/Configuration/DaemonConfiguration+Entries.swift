import EdgeCore
import Foundation
import Vault

extension DaemonConfiguration {
    /// Every key as it is in force, in the order of the file; a key that is not set and has no default is left out.
    ///
    /// Nothing secret: of an address with a password only the host is told.
    var entries: [ConfigurationEntry] {
        httpEntries + placeEntries + cameras.flatMap(\.entries) + recognitionEntries + sessionEntries
            + outboxEntries + retentionEntries + templateEntries + restEntries + fleetEntries
    }

    private var httpEntries: [ConfigurationEntry] {
        var entries = [
            ConfigurationEntry("http.listen", "\(http.host):\(http.port)", "Where this machine is answered."),
            ConfigurationEntry("http.control_socket", http.controlSocket, "The command line's way to the daemon."),
        ]
        entries += [ConfigurationEntry("http.socket", http.socket, "A Unix socket for the API.")].compactMap(\.self)
        if !http.allowedOrigins.isEmpty {
            entries.append(
                ConfigurationEntry(
                    "http.allowed_origins", http.allowedOrigins.joined(separator: ", "), "Pages that may call the API.")
            )
        }
        guard let lan = http.lan else { return entries }
        entries.append(
            ConfigurationEntry("http.lan.listen", "\(lan.host):\(lan.port)", "Where other machines are answered."))
        switch lan.protection {
        case .ownCertificate(let names):
            let list = names.map(Self.text).joined(separator: ", ")
            entries.append(ConfigurationEntry("http.lan.names", list, "Names in the device's own certificate."))
        case .certificate(let file, _):
            entries.append(ConfigurationEntry("http.lan.certificate", file, "The certificate that is shown."))
        case .plainText:
            entries.append(
                ConfigurationEntry(
                    "http.lan.plain_http_sends_faces_and_passwords_unprotected", "true", "Nothing is protected."))
        }
        return entries
    }

    private var placeEntries: [ConfigurationEntry] {
        [
            ConfigurationEntry("store.directory", storeDirectory, "Where the store and its keys are."),
            ConfigurationEntry("store.recover", "\(storeRecovers)", "Whether a damaged store is mended at the start."),
            ConfigurationEntry(
                "store.audit_retention", auditRetention.map { "\($0.components.seconds)s" },
                "How long audit lines are kept."),
            ConfigurationEntry(
                "keys.source", keys.source.rawValue,
                "The master key: a credential of the unit, a provider's key, or a file (auto: the first there is)."),
            ConfigurationEntry("keys.provider", keys.provider?.provider, "The OpenSSL provider that has the key."),
            ConfigurationEntry("keys.key", keys.provider.map { Self.withoutAttributes($0.key) }, "The key in it."),
            ConfigurationEntry("keys.tcti", keys.provider?.tcti, "How the TPM is reached."),
            ConfigurationEntry("models.directory", modelsDirectory, "Where the models are."),
        ].compactMap(\.self)
    }

    private var recognitionEntries: [ConfigurationEntry] {
        [
            ConfigurationEntry("recognition.threads", recognition.threads.map { "\($0)" }, "Threads for the nets."),
            ConfigurationEntry(
                "recognition.verification_fmr", "\(recognition.verificationFMR)",
                "The false match rate of one comparison, 1:1."),
            ConfigurationEntry(
                "recognition.identification_fmr", "\(recognition.identificationFMR)",
                "The false match rate of one comparison, 1:N."),
            ConfigurationEntry("liveness.policy", liveness.policy.rawValue, "What evidence of life is asked for."),
            ConfigurationEntry(
                "liveness.threshold_logit", "\(liveness.thresholdLogit)", "The passive mean that counts as live."),
        ].compactMap(\.self)
    }

    private var sessionEntries: [ConfigurationEntry] {
        [
            .init("sessions.ttl", Self.text(sessions.timeToLive), "How long a session stays open."),
            .init("sessions.target_samples", "\(sessions.targetSamples)", "Good frames for an enrollment."),
            .init("sessions.min_frames", "\(sessions.minFrames)", "Frames above the threshold for a success."),
            .init("sessions.max_usable_frames", "\(sessions.maxUsableFrames)", "Usable frames until a decision."),
            .init("sessions.max_upload_frames", "\(sessions.maxUploadFrames)", "Uploaded frames of one session."),
            .init("sessions.max_camera_frames", "\(sessions.maxCameraFrames)", "Camera frames of one session."),
            .init(
                "sessions.decision_timeout", Self.text(sessions.decisionTimeout),
                "From the first face in the camera to the decision."),
            .init("sessions.max_open_per_client", "\(sessions.maxOpenPerClient)", "Open sessions of one client."),
            .init("sessions.duplicates", sessions.duplicates.rawValue, "What to do with a face enrolled already."),
            .init("sessions.lockout_misses", "\(sessions.lockoutMisses)", "Misses that lock a user; 0 for never."),
            .init("sessions.lockout_first", Self.text(sessions.lockoutFirst), "How long the first lock lasts."),
            .init("sessions.lockout_maximum", Self.text(sessions.lockoutMaximum), "The longest lock."),
            .init(
                "limits.frames_per_second", "\(limits.framesPerSecond)", "Uploaded pictures of one session, a second."),
            .init(
                "limits.anonymous_per_minute", "\(limits.anonymousPerMinute)",
                "Requests of one address without credentials."),
        ]
    }

    private var restEntries: [ConfigurationEntry] {
        [
            ConfigurationEntry(
                "webhooks.local_delivery", "\(webhooks.localDelivery)", "Whether the device itself calls webhooks."),
            ConfigurationEntry(
                "webhooks.allow", "\(webhooks.allow.count) address blocks", "The only addresses that it calls."),
            ConfigurationEntry(
                "webhooks.ca_file", webhooks.caFile.map { _ in "set" }, "Who is trusted for https receivers."),
            ConfigurationEntry("central.url", centralURL.flatMap(Self.place), "The central server."),
            ConfigurationEntry("log.level", logLevel.rawValue, "What is logged."),
        ].compactMap(\.self)
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
            case .device(let path): ConfigurationEntry("cameras.\(name).device", path, "The camera's device.")
            case .replay(let path): ConfigurationEntry("cameras.\(name).replay", path, "Footage in place of a camera.")
            }
        return [
            place, ConfigurationEntry("cameras.\(name).width", "\(width)", "The wanted width, pixels."),
            ConfigurationEntry("cameras.\(name).height", "\(height)", "The wanted height, pixels."),
            ConfigurationEntry("cameras.\(name).fps", framesPerSecond.map { "\($0)" }, "The wanted frame rate."),
            ConfigurationEntry(
                "cameras.\(name).formats", formats.joined(separator: ", "), "Wanted formats, the best first."),
            ConfigurationEntry(
                "cameras.\(name).frozen_after", Self.text(frozenAfter), "How long it may go without a new picture."),
            ConfigurationEntry(
                "cameras.\(name).covered_after", Self.text(coveredAfter), "How long it may show nothing."),
        ].compactMap(\.self)
    }

    private static func text(_ duration: Duration?) -> String { duration.map { "\($0.components.seconds)s" } ?? "off" }
}

extension ConfigurationEntry {
    fileprivate init(_ key: String, _ value: String, _ about: String) {
        self.init(key: key, value: value, about: about)
    }

    fileprivate init?(_ key: String, _ value: String?, _ about: String) {
        guard let value else { return nil }
        self.init(key: key, value: value, about: about)
    }
}
