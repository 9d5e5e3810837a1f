import EdgeCore
import FoundationEssentials

/// JSON as the command line and the control socket speak it: snake case, ISO 8601, sorted keys.
enum ControlJSON {
    static func encode(_ value: some Encodable) throws(EdgeError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch {
            throw EdgeError(.internalFault, "a result could not be written as JSON")
        }
    }

    /// One line of JSON, for the details of an audit line.
    static func line(_ value: some Encodable) throws(EdgeError) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
            throw EdgeError(.internalFault, "a result could not be written as JSON")
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(EdgeError) -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        do { return try decoder.decode(type, from: Data(bytes)) } catch {
            throw EdgeError(.requestMalformed, "the control message does not have the expected form")
        }
    }
}

/// The commands of the control socket; the raw value is the path's last part.
enum ControlCommand: String, CaseIterable {
    case clientsCreate = "clients.create"
    case clientsList = "clients.list"
    case clientsSet = "clients.set"
    case clientsActivate = "clients.activate"
    case clientsDeactivate = "clients.deactivate"
    case clientsReset = "clients.reset"
    case peopleList = "people.list"
    case peopleRemove = "people.remove"
    case peopleExport = "people.export"
    case peopleImport = "people.import"
    case peopleErase = "people.erase"
    case erasuresList = "erasures.list"
    case erasuresShow = "erasures.show"
    case erasuresKey = "erasures.key"
    case modelsList = "models.list"
    case modelsSwitch = "models.switch"
    case sessionsOpen = "sessions.open"
    case sessionsSubmit = "sessions.submit"
    case sessionsWait = "sessions.wait"
    case sessionsCancel = "sessions.cancel"
    case camerasSnapshot = "cameras.snapshot"
    case auditLines = "audit.lines"
    case auditVerify = "audit.verify"
    case auditAccept = "audit.accept"
    case auditPlan = "audit.plan"
    case auditStretch = "audit.stretch"
    case auditCheckpoint = "audit.checkpoint"
    case auditPublicKey = "audit.public_key"
    case auditSealKey = "audit.seal_key"
    case storeBackup = "store.backup"
    case storeBackups = "store.backups"
    case keysStatus = "keys.status"
    case keysRotate = "keys.rotate"
    case fleetJoin = "fleet.join"
    case fleetLeave = "fleet.leave"
    case syncStatus = "sync.status"
    case syncNow = "sync.now"
    case syncPause = "sync.pause"
    case syncResume = "sync.resume"
    case syncRoots = "sync.roots"
    case configurationShow = "configuration.show"
    case configurationReload = "configuration.reload"
    case fleetConfigurationSet = "fleet.configuration.set"
    case fleetConfigurationShow = "fleet.configuration.show"
    case fleetToken = "fleet.token"
    case fleetDevices = "fleet.devices"
    case fleetDevice = "fleet.device"
    case fleetScopes = "fleet.scopes"
    case fleetScopeCreate = "fleet.scopes.create"
    case fleetErase = "fleet.erase"
    case fleetErasures = "fleet.erasures"
    case fleetAuthority = "fleet.authority"
    case fleetRoots = "fleet.roots"
}

extension ControlCommand {
    /// Whether it may read the whole store before it answers.
    var isLong: Bool {
        self == .auditVerify || self == .auditAccept || self == .auditPlan || self == .modelsSwitch
    }
}

/// What the commands take and give.
enum Control {
    struct Nothing: Codable {}

    struct Name: Codable { var name: String }

    struct ClientDraft: Codable {
        var name: String
        var scope: ClientScope?
        var tier: ClientTier?
    }

    struct ClientChange: Codable {
        var name: String
        var scope: ClientScope?
        var tier: ClientTier?
    }

    struct ClientReset: Codable {
        var name: String
        var key: Bool
        var secret: Bool
        var webhookSecret: Bool
    }

    struct Client: Codable {
        var id: String
        var clientId: String
        var name: String
        var scope: ClientScope
        var status: ClientStatus
        var tier: ClientTier
        var isActive: Bool
        var createdAt: Date
        /// Only right after they were made.
        var apiKey: String?
        var apiSecret: String?
        var webhookSecret: String?
    }

    /// What the daemon answers to `tokens.technician`.
    struct TechnicianToken: Codable {
        var token: String
        var scope: ClientScope
        var expiresAt: Date
    }

    struct Clients: Codable { var clients: [Client] }

    struct PersonQuery: Codable {
        var userId: String?
        var client: String?
        var limit: Int?
        var offset: Int?
    }

    struct Person: Codable {
        var id: String
        var userId: String
        var displayName: String?
        var client: String
        var templates: Int
        var isActive: Bool
        var createdAt: Date
        var enrolledAt: Date?
        var lastSeenAt: Date?
        /// There, and true, where the record does not open.
        var isDamaged: Bool?
    }

    struct People: Codable { var people: [Person] }

    struct SessionOpen: Codable {
        var kind: SessionKind
        var userId: String?
        var displayName: String?
        var frameSource: FrameOrigin
        var camera: String?
        var client: String?
        var consent: Consent?
    }

    struct SessionStep: Codable {
        var sessionId: String
        var client: String
        var picture: Data?
        var waitSeconds: Int?
    }

    /// A session as the command line shows it.
    struct Session: Codable {
        var sessionId: String
        var client: String
        var kind: SessionKind
        var state: SessionState
        var isOpen: Bool
        /// `success` or `failure`; absent while open.
        var result: String?
        var reason: String?
        var message: String?
        var userId: String?
        var similarityScore: Double?
        var qualityScore: Double?
        var livenessVerified: Bool
        var framesProcessed: Int
        var acceptedFrames: Int
        var targetFrames: Int
        /// Whether the frame just submitted counted.
        var frameAccepted: Bool?
    }
}
