import EdgeCore
import Foundation

extension DaemonConfiguration {
    /// What the device wants to know before it makes templates of somebody.
    struct Consent: Equatable, Sendable {
        /// Whether an enrollment without a word about consent is refused.
        var isRequired = false
    }

    /// How long what is about people is kept.
    struct Retention: Equatable, Sendable {
        /// `nil` keeps people until somebody removes them.
        var peopleUnseen: Duration?
        var sessions = Duration.seconds(90 * 86_400)
        var usage = Duration.seconds(90 * 86_400)
        var securityEvents = Duration.seconds(365 * 86_400)
        var webhookEvents = Duration.seconds(30 * 86_400)
    }

    mutating func readConsent(_ section: ConfigSection) {
        consent.isRequired = section.flag("required", default: false)
        section.finish()
    }

    mutating func readRetention(_ section: ConfigSection) {
        let standard = Retention()
        let range = Duration.seconds(86_400)...Duration.seconds(100 * 365 * 86_400)
        retention.peopleUnseen = section.durationOrOff("people_unseen", in: range, default: standard.peopleUnseen)
        retention.sessions = section.duration("sessions", in: range) ?? standard.sessions
        retention.usage = section.duration("usage", in: range) ?? standard.usage
        retention.securityEvents = section.duration("security_events", in: range) ?? standard.securityEvents
        retention.webhookEvents = section.duration("webhook_events", in: range) ?? standard.webhookEvents
        section.finish()
    }

    var retentionEntries: [ConfigurationEntry] {
        Self.entries([
            ("consent.required", "\(consent.isRequired)"),
            ("retention.people_unseen", retention.peopleUnseen.map(Self.days) ?? "off"),
            ("retention.sessions", Self.days(retention.sessions)), ("retention.usage", Self.days(retention.usage)),
            ("retention.security_events", Self.days(retention.securityEvents)),
            ("retention.webhook_events", Self.days(retention.webhookEvents)),
        ])
    }

    /// As it may stand in the file: whole days, or seconds.
    private static func days(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        return seconds.isMultiple(of: 86_400) ? "\(seconds / 86_400)d" : "\(seconds)s"
    }
}
