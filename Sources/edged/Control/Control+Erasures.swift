import EdgeCore
import FoundationEssentials
import Recognition
import Store

extension Control {
    struct ErasureQuery: Codable {
        var id: String?
        var client: String?
        var page: Int?
    }

    /// An erasure with its receipt.
    struct Erasure: Codable {
        var id: String
        var client: String
        /// Absent for all people of a client.
        var person: String?
        var cause: String
        var erasedAt: Date
        var people: Int
        var templates: Int
        var keyDestructionDue: Date?
        var keyDestroyedAt: Date?
        /// Both signed notes, as `edged erasures verify` reads them.
        var receipt: String
        var verifierKey: String

        init(_ record: ErasureRecord, verifierKey: String) {
            let told = record.receipt
            id = told.id.description
            client = told.client.description
            person = told.person?.description
            cause = told.cause.rawValue
            erasedAt = told.erasedAt
            people = told.destroyed.people
            templates = told.destroyed.templates
            keyDestructionDue = told.keyDestructionDue
            keyDestroyedAt = record.keyDestroyedAt
            receipt = ErasureFile.text(record.note, record.completion)
            self.verifierKey = verifierKey
        }
    }

    struct Erasures: Codable {
        var total: Int
        var erasures: [Erasure]
    }

    struct VerifierKey: Codable { var verifierKey: String }
}

extension ControlDesk {
    func erasePerson(_ query: Control.PersonQuery) async throws(EdgeError) -> Control.Erasure {
        guard let userID = query.userId else {
            throw EdgeError(.requestInvalid, "say which person", field: "user_id")
        }
        let client = try await tenant(query.client).id
        let person = try await person(userID, of: client)
        let record = try await proof.erasePerson(person.id, of: client)
        await sessions?.personRemoved(person.id)
        return Control.Erasure(record, verifierKey: try await proof.erasureVerifierKey())
    }

    func listErasures(_ query: Control.ErasureQuery) async throws(EdgeError) -> Control.Erasures {
        var client: ClientID?
        if let name = query.client { client = try await tenant(name).id }
        let page = try await proof.erasures(of: client, page: PageRequest(query.page ?? 1))
        let key = try await proof.erasureVerifierKey()
        return Control.Erasures(
            total: page.total, erasures: page.items.map { Control.Erasure($0, verifierKey: key) })
    }

    func showErasure(_ query: Control.ErasureQuery) async throws(EdgeError) -> Control.Erasure {
        let id = query.id.flatMap { ErasureID($0) }
        guard let id, let found = try await proof.erasure(id, of: nil) else { throw EdgeError(.recordUnknown) }
        return Control.Erasure(found, verifierKey: try await proof.erasureVerifierKey())
    }

    func erasureKey(_: Control.Nothing) async throws(EdgeError) -> Control.VerifierKey {
        Control.VerifierKey(verifierKey: try await proof.erasureVerifierKey())
    }
}
