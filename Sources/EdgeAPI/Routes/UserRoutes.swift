import EdgeCore
import HTTPTypes
import Hummingbird

/// The users of a client, before, with and without an enrollment.
struct UserRoutes: Sendable {
    let services: APIServices
    let maximumImageBytes: Int

    /// The longest profile and the longest metadata, bytes of JSON text.
    static let maximumObjectBytes = 16 * 1024

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.list, list)
        routes.add(Self.create, create)
        routes.add(Self.retrieve, retrieve)
        routes.add(Self.update, change)
        routes.add(Self.partialUpdate, change)
        routes.add(Self.destroy, remove)
        routes.add(Self.activate) { try await setActive(true, $0) }
        routes.add(Self.deactivate) { try await setActive(false, $0) }
        routes.add(Self.enrollments, enrollments)
        routes.add(Self.preload, preload)
        routes.add(Self.profileImage) { try await picture(.profile, $0) }
        routes.add(Self.oldPhoto) { try await picture(.oldPhoto, $0) }
    }

    private func list(_ call: APICall) async throws -> Response {
        let page = try await services.people.people(of: try call.client().id, page: call.page)
        return .json(try Page.body(page, of: call) { UserBody.user($0, call.origin) })
    }

    private func create(_ call: APICall) async throws -> Response {
        let client = try call.client()
        var draft = PersonDraft(externalID: try call.body.requiredText("external_user_id"))
        draft.externalUUID = call.body.uuid("external_user_uuid")
        draft.profileJSON = try object("profile", call) ?? "{}"
        draft.metadataJSON = try object("metadata", call) ?? "{}"
        draft.isActive = call.body.flag("face_auth_enabled") ?? true
        for (kind, name) in Self.pictureMembers { draft.images[kind] = try sentPicture(name, call) }
        let person = try await services.people.createPerson(draft, of: client.id)
        return .json(UserBody.user(person, call.origin), status: .created)
    }

    private func retrieve(_ call: APICall) async throws -> Response {
        .json(UserBody.user(try await person(call), call.origin))
    }

    /// PUT and PATCH: what is not sent stays as it is, as in the reference.
    private func change(_ call: APICall) async throws -> Response {
        let person = try await person(call)
        var edit = PersonEdit()
        edit.externalID = call.body.text("external_user_id")
        if call.body.has("external_user_uuid") { edit.externalUUID = .some(call.body.uuid("external_user_uuid")) }
        edit.profileJSON = try object("profile", call)
        edit.metadataJSON = try object("metadata", call)
        edit.isActive = call.body.flag("face_auth_enabled")
        for (kind, name) in Self.pictureMembers {
            if let image = try sentPicture(name, call) {
                edit.images[kind] = .put(image)
            } else if call.body[name] == .null {
                edit.images[kind] = .remove
            }
        }
        return .json(UserBody.user(try await apply(edit, to: person), call.origin))
    }

    private func remove(_ call: APICall) async throws -> Response {
        let person = try await person(call)
        let record = try await services.erasures.erasePerson(person.id, of: person.client)
        await services.live.personRemoved(person.id)
        return .erased(record, call)
    }

    private func setActive(_ isActive: Bool, _ call: APICall) async throws -> Response {
        var edit = PersonEdit()
        edit.isActive = isActive
        let person = try await apply(edit, to: try await person(call))
        return .json([
            "message": .string(isActive ? "User activated." : "User deactivated."),
            "user": .object(UserBody.user(person, call.origin)),
        ])
    }

    private func enrollments(_ call: APICall) async throws -> Response {
        let person = try await person(call)
        let records = try await services.enrollments.enrollments(of: person.id, client: person.client)
        return .json([
            "count": .integer(Int64(records.count)), "enrollments": .array(records.map(EnrollmentBody.brief)),
        ])
    }

    /// The store first, then the gallery in memory: nobody is recognised by what is not on disk.
    private func apply(_ edit: PersonEdit, to person: PersonRecord) async throws(EdgeError) -> PersonRecord {
        let change = try await services.people.changePerson(person.id, of: person.client, edit)
        await services.follow(change.effect, of: change.person.client)
        return change.person
    }

    /// The user that the path names.
    func person(_ call: APICall) async throws(EdgeError) -> PersonRecord {
        let found = try await services.people.person(named: call.path["user"] ?? "", of: try call.client().id)
        guard let found else { throw EdgeError(.personUnknown) }
        return found
    }

    private func object(_ name: String, _ call: APICall) throws(EdgeError) -> String? {
        guard let text = call.body.objectText(name) else { return nil }
        guard text.utf8.count <= Self.maximumObjectBytes else {
            throw EdgeError(
                .requestTooLarge, "\(name) is larger than \(Self.maximumObjectBytes) bytes.", field: name)
        }
        return text
    }
}
