import EdgeCore
import FoundationEssentials

/// An event before it is recorded.
struct EventDraft {
    let kind: WebhookEventKind
    let source: String
    let data: PayloadValue
    /// Whose data these are, for the day on which the person is removed.
    var person: PersonID?
    /// The external id in the data, whoever it belongs to.
    var externalID: String?
}

/// What an enrollment's own record counts.
struct EnrollmentNumbers {
    /// Which of the user's enrollments it is.
    let sample: Int
    /// How many templates it left.
    let total: Int
}

/// What happened, before it becomes an event with a name and data.
enum Happening: Sendable {
    case sessionOpened(SessionSnapshot)
    case sessionEnded(SessionSnapshot, person: PersonID?)
    /// Ended by something else than its own course: a restart, the removal of its person.
    case sessionCutOff(SessionID, SessionKind)
    case userCreated(PersonID, externalID: String)
    case userUpdated(PersonID, externalID: String)
    case userActivated(PersonID, externalID: String)
    case userDeactivated(PersonID, externalID: String)
    case personRemoved(PersonID)
    case securityNoted(SecurityEventID, type: String, severity: String, session: SessionID?, person: PersonID?)
    case credentialsReset(apiKey: Bool, apiSecret: Bool, webhookSecret: Bool)
    case endpointDisabled(EndpointID, name: String)
}

extension Happening {
    /// The events that this is told as.
    func drafts(sample numbers: EnrollmentNumbers?) -> [EventDraft] {
        switch self {
        case .sessionOpened(let session): [session.openedDraft]
        case .sessionEnded(let session, let person): session.endedDrafts(person, numbers)
        case .sessionCutOff(let id, let kind):
            [
                EventDraft(
                    kind: .sessionCancelled, source: "session",
                    data: [
                        "session_id": .text(id.description), "session_type": .text(kind.rawValue), "user_id": .null,
                        "reason": .text(Reason.cancelled.rawValue),
                    ])
            ]
        case .userCreated(let person, let externalID): [Self.user(.userCreated, person, externalID)]
        case .userUpdated(let person, let externalID): [Self.user(.userUpdated, person, externalID)]
        case .userActivated(let person, let externalID): [Self.user(.userActivated, person, externalID)]
        case .userDeactivated(let person, let externalID): [Self.user(.userDeactivated, person, externalID)]
        case .personRemoved(let person):
            // The person is forgotten: no more than our id says which one it was.
            [EventDraft(kind: .userDeleted, source: "user", data: ["client_user_id": .text(person.description)])]
        case .securityNoted(let id, let type, let severity, let session, let person):
            [
                EventDraft(
                    kind: .securityAlert, source: "security",
                    data: [
                        "security_event_id": .text(id.description), "event_type": .text(type),
                        "severity": .text(severity), "session_id": .text(session?.description),
                        "client_user_id": .text(person?.description),
                    ], person: person)
            ]
        case .credentialsReset(let apiKey, let apiSecret, let webhookSecret):
            [
                EventDraft(
                    kind: .credentialsReset, source: "client",
                    data: [
                        "api_key": .flag(apiKey), "api_secret": .flag(apiSecret),
                        "webhook_secret": .flag(webhookSecret),
                    ])
            ]
        case .endpointDisabled(let id, let name):
            [
                EventDraft(
                    kind: .endpointDisabled, source: "webhook",
                    data: ["endpoint_id": .text(id.description), "endpoint_name": .text(name)])
            ]
        }
    }

    static func user(_ kind: WebhookEventKind, _ person: PersonID, _ externalID: String) -> EventDraft {
        EventDraft(
            kind: kind, source: "user",
            data: ["user_id": .text(externalID), "client_user_id": .text(person.description)], person: person,
            externalID: externalID)
    }
}
