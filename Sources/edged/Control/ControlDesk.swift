import Capture
import EdgeCore
import FoundationEssentials
import Recognition
import Store
import Vault

/// What the commands about clients and people need of the house; it works without models and cameras.
struct ControlDesk: LocalControl {
    let store: any StoreRoom
    let proof: EdgeStore
    let vault: KeyVault
    /// Absent when only keys and store are open.
    let sessions: SessionService?
    /// The device as a member; absent when only keys and store are open.
    let memberRoom: FleetRoom?
    /// The fleet; absent where this is no central instance.
    let fleet: FleetBoard?
    /// Absent when only keys and store are open.
    let preview: PreviewRoom?
    /// Absent when only keys and store are open.
    let models: ModelUpkeep?
    /// Absent when only keys and store are open.
    let configuration: ConfigurationRoom?
    /// Absent when only keys and store are open.
    let fleetConfiguration: FleetConfigurationRoom?

    init(
        house: House, configuration: ConfigurationRoom? = nil, fleetConfiguration: FleetConfigurationRoom? = nil
    ) {
        store = house.store
        proof = house.store
        vault = house.vault
        sessions = house.sessions
        memberRoom = house.fleet
        fleet = house.fleet.board
        preview = house.preview
        models = house.models
        self.configuration = configuration
        self.fleetConfiguration = fleetConfiguration
    }

    init(keys: HouseKeys) {
        store = keys.store
        proof = keys.store
        vault = keys.vault
        sessions = nil
        memberRoom = nil
        fleet = nil
        preview = nil
        models = nil
        configuration = nil
        fleetConfiguration = nil
    }

    func run(command: String, argumentsJSON: [UInt8]) async throws(EdgeError) -> [UInt8] {
        guard let command = ControlCommand(rawValue: command) else {
            throw EdgeError(.requestNotFound, "there is no control command of this name")
        }
        switch command {
        case .clientsCreate: return try await answer(argumentsJSON, createClient)
        case .clientsList: return try await answer(argumentsJSON, listClients)
        case .clientsSet: return try await answer(argumentsJSON, setClient)
        case .clientsActivate: return try await answer(argumentsJSON, activateClient)
        case .clientsDeactivate: return try await answer(argumentsJSON, deactivateClient)
        case .clientsReset: return try await answer(argumentsJSON, resetClient)
        case .peopleList: return try await answer(argumentsJSON, listPeople)
        case .peopleRemove: return try await answer(argumentsJSON, removePerson)
        case .peopleExport: return try await answer(argumentsJSON, exportPeople)
        case .peopleImport: return try await answer(argumentsJSON, importPeople)
        case .peopleErase: return try await answer(argumentsJSON, erasePerson)
        case .erasuresList: return try await answer(argumentsJSON, listErasures)
        case .erasuresShow: return try await answer(argumentsJSON, showErasure)
        case .erasuresKey: return try await answer(argumentsJSON, erasureKey)
        case .modelsList: return try await answer(argumentsJSON, listModels)
        case .modelsSwitch: return try await answer(argumentsJSON, switchModel)
        case .sessionsOpen: return try await answer(argumentsJSON, openSession)
        case .sessionsSubmit: return try await answer(argumentsJSON, submitPicture)
        case .sessionsWait: return try await answer(argumentsJSON, waitForSession)
        case .sessionsCancel: return try await answer(argumentsJSON, cancelSession)
        case .camerasSnapshot: return try await answer(argumentsJSON, takeSnapshot)
        case .auditLines: return try await answer(argumentsJSON, auditLines)
        case .auditVerify: return try await answer(argumentsJSON, verifyStore)
        case .auditAccept: return try await answer(argumentsJSON, acceptStore)
        case .auditPlan: return try await answer(argumentsJSON, planExport)
        case .auditStretch: return try await answer(argumentsJSON, exportLines)
        case .auditCheckpoint: return try await answer(argumentsJSON, checkpointAudit)
        case .auditPublicKey: return try await answer(argumentsJSON, auditPublicKey)
        case .auditSealKey: return try await answer(argumentsJSON, giveSealKey)
        case .storeBackup: return try await answer(argumentsJSON, backUp)
        case .storeBackups: return try await answer(argumentsJSON, listBackups)
        case .keysStatus: return try await answer(argumentsJSON, keyStatus)
        case .keysRotate: return try await answer(argumentsJSON, rotateKeys)
        case .fleetJoin: return try await answer(argumentsJSON, joinFleet)
        case .fleetLeave: return try await answer(argumentsJSON, leaveFleet)
        case .syncStatus: return try await answer(argumentsJSON, syncStatus)
        case .syncNow: return try await answer(argumentsJSON, syncNow)
        case .syncPause: return try await answer(argumentsJSON, pauseSync)
        case .syncResume: return try await answer(argumentsJSON, resumeSync)
        case .syncRoots: return try await answer(argumentsJSON, pinRoots)
        case .fleetToken: return try await answer(argumentsJSON, makeFleetToken)
        case .fleetDevices: return try await answer(argumentsJSON, listFleetDevices)
        case .fleetDevice: return try await answer(argumentsJSON, changeFleetDevice)
        case .fleetScopes: return try await answer(argumentsJSON, listFleetScopes)
        case .fleetScopeCreate: return try await answer(argumentsJSON, createFleetScope)
        case .fleetErase: return try await answer(argumentsJSON, eraseInFleet)
        case .fleetErasures: return try await answer(argumentsJSON, listFleetErasures)
        case .fleetAuthority: return try await answer(argumentsJSON, showAuthority)
        case .configurationShow: return try await answer(argumentsJSON, showConfiguration)
        case .configurationReload: return try await answer(argumentsJSON, reloadConfiguration)
        case .fleetConfigurationSet: return try await answer(argumentsJSON, setFleetConfiguration)
        case .fleetConfigurationShow: return try await answer(argumentsJSON, showFleetConfiguration)
        case .fleetRoots: return try await answer(argumentsJSON, announceRoots)
        }
    }

    private func answer<Arguments: Decodable, Result: Encodable>(
        _ json: [UInt8], _ act: (Arguments) async throws(EdgeError) -> Result
    ) async throws(EdgeError) -> [UInt8] {
        try ControlJSON.encode(await act(try ControlJSON.decode(Arguments.self, from: json)))
    }
}

/// The store as the desk sees it.
typealias StoreRoom = ClientRepository & PersonRepository & AuditTrail

// MARK: People

extension ControlDesk {
    private func listPeople(_ query: Control.PersonQuery) async throws(EdgeError) -> Control.People {
        var client: ClientID?
        if let name = query.client { client = try await tenant(name).id }
        let limit = min(max(query.limit ?? 1000, 1), 10000)
        let people = try await store.people(of: client, limit: limit, offset: max(query.offset ?? 0, 0))
        return Control.People(people: people.map { Control.Person($0) })
    }

    /// The person that an operator names, by the id of their own system or by ours.
    func person(_ text: String, of client: ClientID) async throws(EdgeError) -> PersonRecord {
        if let known = try await store.person(externalID: text, of: client) { return known }
        guard let id = PersonID(text), let known = try await store.person(id, of: client) else {
            throw EdgeError(.personUnknown)
        }
        return known
    }

    private func removePerson(_ query: Control.PersonQuery) async throws(EdgeError) -> Control.Person {
        guard let userID = query.userId else {
            throw EdgeError(.requestInvalid, "say which person", field: "user_id")
        }
        let client = try await tenant(query.client).id
        let person = try await person(userID, of: client)
        try await store.removePerson(person.id, of: client)
        await sessions?.personRemoved(person.id)
        return Control.Person(person)
    }

    /// The client that a command means: by public id, our id or name; without one the only active client.
    func tenant(_ name: String?) async throws(EdgeError) -> ClientRecord {
        let clients = try await store.clients()
        if let name {
            let found = clients.first { $0.publicID == name || $0.id.description == name || $0.name == name }
            guard let found else { throw EdgeError(.clientUnknown) }
            return found
        }
        let active = clients.filter(\.isActive)
        guard let only = active.first else {
            throw EdgeError(.clientUnknown, "there is no client yet: make one with `edged clients create NAME`")
        }
        guard active.count == 1 else {
            throw EdgeError(.requestInvalid, "there are several clients: say which one with --client", field: "client")
        }
        return only
    }
}

extension Control.Person {
    init(_ record: PersonRecord) {
        id = record.id.description
        userId = record.externalID
        displayName = record.displayName
        client = record.client.description
        templates = record.templateCount
        isActive = record.isActive
        createdAt = record.createdAt
        enrolledAt = record.enrolledAt
        lastSeenAt = record.lastSeenAt
        isDamaged = record.isDamaged ? true : nil
    }
}

extension String {
    /// Without blanks and tabs at either end.
    var trimmingASCIIWhitespace: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
        let start = drop(while: isBlank)
        return String(start.reversed().drop(while: isBlank).reversed())
    }
}
