public import EdgeCore
public import SyncCore

/// Everything the API asks of the other rooms.
public struct APIServices: Sendable {
    /// Enrollment and authentication.
    public let sessions: any RecognitionSessions
    /// The API's clients.
    public let clients: any ClientRepository
    /// The people of a tenant.
    public let people: any PersonRepository
    /// The audit trail.
    public let audit: any AuditTrail
    /// The device's own status.
    public let status: any StatusReporter
    /// Keys and random text.
    public let secrets: any SecretKeeper
    /// Wall time for tokens and answers.
    public let clock: any EdgeClock
    /// Conditions that hold.
    public let health: HealthBoard
    /// The enrollments of a tenant.
    public let enrollments: any EnrollmentRepository
    /// The sessions of a tenant, in pages.
    public let catalog: any SessionCatalog
    /// The people who can be recognised now; follows what the API changes in the store.
    public let live: any LiveGallery
    /// Looks at pictures before they are stored.
    public let pictures: any ImageDecoder
    /// Webhook endpoints, deliveries and events.
    public let webhooks: any WebhookRegistry & WebhookJournal
    /// What happened on this device.
    public let insight: InsightServices
    /// Families of tokens.
    public let tokens: any TokenRepository
    /// Answers that are given again.
    public let replays: any IdempotencyRepository
    /// Erases people and keeps the receipts.
    public let erasures: any ErasureLedger
    /// The fleet, where this instance is its central one.
    public var fleet: (any FleetAdministration<EdgeError>)?
    /// What the cameras see; without it nobody may look.
    public var preview: (any CameraPreview)?

    /// Puts the services together.
    public init(
        sessions: any RecognitionSessions, clients: any ClientRepository, people: any PersonRepository,
        audit: any AuditTrail, status: any StatusReporter, secrets: any SecretKeeper, clock: any EdgeClock,
        health: HealthBoard, enrollments: any EnrollmentRepository, catalog: any SessionCatalog,
        live: any LiveGallery, pictures: any ImageDecoder,
        webhooks: any WebhookRegistry & WebhookJournal, insight: InsightServices,
        tokens: any TokenRepository, replays: any IdempotencyRepository, erasures: any ErasureLedger
    ) {
        self.sessions = sessions
        self.clients = clients
        self.people = people
        self.audit = audit
        self.status = status
        self.secrets = secrets
        self.clock = clock
        self.health = health
        self.enrollments = enrollments
        self.catalog = catalog
        self.live = live
        self.pictures = pictures
        self.webhooks = webhooks
        self.insight = insight
        self.tokens = tokens
        self.replays = replays
        self.erasures = erasures
    }
}

extension APIServices {
    /// Lets the gallery follow a change; a person who went meanwhile does not come back by it.
    ///
    /// Changes are recorded in one order and followed in another: hence the second look.
    func follow(_ effect: GalleryEffect, of client: ClientID) async {
        await live.follow(effect)
        guard case .replace(let record) = effect, !record.templates.isEmpty else { return }
        do throws(EdgeError) {
            let now = try await people.person(record.person.id, of: client)
            guard let now, now.isActive, now.isEnrolled else { return await live.personRemoved(record.person.id) }
        } catch {
            // Where the store cannot be read the record stays: it was good a moment ago.
        }
    }
}
