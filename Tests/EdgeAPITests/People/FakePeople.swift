import EdgeCore
import FoundationEssentials
import Synchronization

/// People in memory with the promises of the store: one tenant never sees another's, ids are compared by bytes.
final class FakePeople: PersonRepository {
    struct State {
        /// The newest first.
        var people: [PersonRecord] = []
        var images: [PersonID: [PersonImageKind: PersonImage]] = [:]
        var enrollments: [EnrollmentRecord] = []
        var edits: [EnrollmentEdit] = []
        var erasures: [ErasureRecord] = []
        var quota = Int.max
        /// What the gallery in memory was told, in order.
        var told: [String] = []
        var similarity: Result<Double?, EdgeError> = .success(nil)
        var compared: [[UInt8]] = []
    }

    /// Stands for all of a person's.
    static let template = FaceTemplate(model: ModelVersion(id: "fake", version: "1"), values: [1])

    let state = Mutex(State())
    let clock: any EdgeClock
    let sessions: FakeSessions

    init(clock: any EdgeClock, sessions: FakeSessions) {
        self.clock = clock
        self.sessions = sessions
    }

    /// What the gallery was told.
    var told: [String] { state.withLock { $0.told } }

    /// Changes a person behind the API's back.
    func edit(_ externalID: String, _ change: (inout PersonRecord) -> Void) {
        state.withLock { state in
            for index in state.people.indices where state.people[index].externalID == externalID {
                change(&state.people[index])
            }
        }
    }

    func people(of client: ClientID?, limit: Int, offset: Int) async throws(EdgeError) -> [PersonRecord] { [] }

    func people(of client: ClientID, page: PageRequest) async throws(EdgeError) -> PageOf<PersonRecord> {
        let all = state.withLock { $0.people.filter { $0.client == client } }
        return PageOf(total: all.count, items: Array(all.dropFirst(page.offset).prefix(PageRequest.size)))
    }

    func person(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonRecord? {
        state.withLock { state in
            state.people.first { $0.client == client && $0.externalID.utf8.elementsEqual(externalID.utf8) }
        }
    }

    func person(_ id: PersonID, of client: ClientID) async throws(EdgeError) -> PersonRecord? {
        state.withLock { state in state.people.first { $0.client == client && $0.id == id } }
    }

    func person(named text: String, of client: ClientID) async throws(EdgeError) -> PersonRecord? {
        if let known = try await person(externalID: text, of: client) { return known }
        guard let id = PersonID(text) else { return nil }
        if let known = try await person(id, of: client) { return known }
        return state.withLock { state in
            state.people.first { $0.client == client && $0.externalUUID == id.rawValue }
        }
    }

    func createPerson(_ draft: PersonDraft, of client: ClientID) async throws(EdgeError) -> PersonRecord {
        guard try await person(externalID: draft.externalID, of: client) == nil else {
            throw EdgeError(.personExists, field: "external_user_id")
        }
        var made = PersonRecord(
            id: PersonID(), client: client, externalID: draft.externalID, isActive: draft.isActive,
            createdAt: clock.wall)
        made.externalUUID = draft.externalUUID
        made.profileJSON = draft.profileJSON
        made.metadataJSON = draft.metadataJSON
        made.hasProfileImage = draft.images[.profile] != nil
        made.hasOldPhoto = draft.images[.oldPhoto] != nil
        let person = made
        let isIn = state.withLock { state in
            guard state.people.count < state.quota else { return false }
            state.people.insert(person, at: 0)
            state.images[person.id] = draft.images
            return true
        }
        guard isIn else { throw EdgeError(.quotaReached) }
        return person
    }

    func changePerson(
        _ id: PersonID, of client: ClientID, _ edit: PersonEdit
    ) async throws(EdgeError) -> PersonChange {
        if let wanted = edit.externalID, let other = try await person(externalID: wanted, of: client), other.id != id {
            throw EdgeError(.personExists, field: "external_user_id")
        }
        let changed = state.withLock { state -> PersonRecord? in
            guard let index = state.people.firstIndex(where: { $0.id == id && $0.client == client }) else { return nil }
            for (kind, change) in edit.images {
                switch change {
                case .put(let image): state.images[id, default: [:]][kind] = image
                case .remove: state.images[id]?[kind] = nil
                }
            }
            state.people[index].apply(edit, images: state.images[id] ?? [:])
            return state.people[index]
        }
        guard let changed else { throw EdgeError(.personUnknown) }
        guard edit.isActive != nil || edit.externalID != nil else {
            return PersonChange(person: changed, effect: .none)
        }
        guard changed.isActive else { return PersonChange(person: changed, effect: .remove(id)) }
        let record = GalleryRecord(
            client: client, person: MatchedPerson(id: id, externalID: changed.externalID), templates: [Self.template])
        return PersonChange(person: changed, effect: .replace(record))
    }

    func image(
        _ kind: PersonImageKind, of person: PersonID, client: ClientID
    ) async throws(EdgeError) -> PersonImage? {
        guard try await self.person(person, of: client) != nil else { return nil }
        return state.withLock { $0.images[person]?[kind] }
    }

    func noteOldPhoto(similarity: Double?, of person: PersonRecord) async throws(EdgeError) -> PersonRecord {
        edit(person.externalID) { $0.oldPhotoSimilarity = similarity }
        guard let noted = try await self.person(person.id, of: person.client) else { throw EdgeError(.personUnknown) }
        return noted
    }

    func removePerson(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonID {
        guard let person = try await person(externalID: externalID, of: client) else { throw EdgeError(.personUnknown) }
        try await removePerson(person.id, of: client)
        return person.id
    }

    func removePerson(_ id: PersonID, of client: ClientID) async throws(EdgeError) {
        guard try await person(id, of: client) != nil else { throw EdgeError(.personUnknown) }
        state.withLock { state in
            state.people.removeAll { $0.id == id }
            state.images[id] = nil
        }
    }

    func peopleCount() async throws(EdgeError) -> Int { state.withLock { $0.people.count { $0.isEnrolled } } }
}

extension FakePeople: ErasureLedger {
    func erasePerson(_ id: PersonID, of client: ClientID) async throws(EdgeError) -> ErasureRecord {
        try await removePerson(id, of: client)
        let receipt = ErasureReceipt(
            id: ErasureID(), device: [UInt8](repeating: 7, count: 16), epoch: [UInt8](repeating: 8, count: 16),
            client: client, person: id, cause: .request, requestedAt: Date(timeIntervalSince1970: 0),
            erasedAt: Date(timeIntervalSince1970: 1), destroyed: ErasureCounts(people: 1, templates: 3), auditLine: 9,
            keyDestructionDue: nil)
        let record = ErasureRecord(receipt: receipt, note: "a note\n")
        state.withLock { $0.erasures.insert(record, at: 0) }
        return record
    }

    func erasures(of client: ClientID?, page: PageRequest) async throws(EdgeError) -> PageOf<ErasureRecord> {
        let all = state.withLock { $0.erasures.filter { client == nil || $0.receipt.client == client } }
        return PageOf(total: all.count, items: Array(all.dropFirst(page.offset).prefix(PageRequest.size)))
    }

    func erasure(_ id: ErasureID, of client: ClientID?) async throws(EdgeError) -> ErasureRecord? {
        state.withLock { state in
            state.erasures.first { $0.receipt.id == id && (client == nil || $0.receipt.client == client) }
        }
    }

    func erasureVerifierKey() async throws(EdgeError) -> String { "edged/07/erasures+00000000+AQ==" }
}

extension PersonRecord {
    fileprivate mutating func apply(_ edit: PersonEdit, images: [PersonImageKind: PersonImage]) {
        externalID = edit.externalID ?? externalID
        if let uuid = edit.externalUUID { externalUUID = uuid }
        profileJSON = edit.profileJSON ?? profileJSON
        metadataJSON = edit.metadataJSON ?? metadataJSON
        isActive = edit.isActive ?? isActive
        hasProfileImage = images[.profile] != nil
        hasOldPhoto = images[.oldPhoto] != nil
    }
}

extension FakePeople: EnrollmentRepository {
    /// An enrollment whose session is open follows from the session.
    private func enrollments(of client: ClientID) -> [EnrollmentRecord] {
        let known = state.withLock { $0.enrollments.filter { $0.client == client } }
        let open = sessions.snapshots.reversed().compactMap { session -> EnrollmentRecord? in
            guard session.client == client, let id = session.enrollmentID, !known.contains(where: { $0.id == id })
            else {
                return nil
            }
            var record = EnrollmentRecord(
                id: id, client: client, session: session.id, totalSamples: session.targetFrames,
                createdAt: session.createdAt)
            record.claimedID = session.externalUserID
            record.metadataJSON = session.metadataJSON
            record.expiresAt = session.expiresAt
            return record
        }
        return open + known
    }

    func enrollments(of client: ClientID, page: PageRequest) async throws(EdgeError) -> PageOf<EnrollmentRecord> {
        let all = enrollments(of: client)
        return PageOf(total: all.count, items: Array(all.dropFirst(page.offset).prefix(PageRequest.size)))
    }

    func enrollments(of person: PersonID, client: ClientID) async throws(EdgeError) -> [EnrollmentRecord] {
        enrollments(of: client).filter { $0.person?.id == person }
    }

    func enrollment(_ id: EnrollmentID, of client: ClientID) async throws(EdgeError) -> EnrollmentRecord? {
        enrollments(of: client).first { $0.id == id }
    }

    func changeEnrollment(
        _ id: EnrollmentID, of client: ClientID, _ edit: EnrollmentEdit
    ) async throws(EdgeError) -> EnrollmentChange {
        guard var record = enrollments(of: client).first(where: { $0.id == id }) else {
            throw EdgeError(.enrollmentUnknown)
        }
        let isOld = record.status == .completed
        if isOld, let wanted = edit.status, wanted != .completed { throw EdgeError(.enrollmentState, field: "status") }
        record.status = edit.status ?? record.status
        record.metadataJSON = edit.metadataJSON ?? record.metadataJSON
        if let end = edit.expiresAt { record.expiresAt = end }
        let changed = record
        state.withLock { state in
            state.edits.append(edit)
            state.enrollments.removeAll { $0.id == id }
            state.enrollments.append(changed)
        }
        guard edit.status != nil, let person = record.person else {
            return EnrollmentChange(enrollment: record, effect: .none)
        }
        let isIn = record.status == .active
        let gallery = GalleryRecord(client: client, person: person, templates: [Self.template])
        return EnrollmentChange(enrollment: record, effect: isIn ? .replace(gallery) : .remove(person.id))
    }

    func removeEnrollment(_ id: EnrollmentID, of client: ClientID) async throws(EdgeError) -> GalleryEffect {
        guard let record = enrollments(of: client).first(where: { $0.id == id }) else {
            throw EdgeError(.enrollmentUnknown)
        }
        state.withLock { $0.enrollments.removeAll { $0.id == id } }
        return record.status == .active ? record.person.map { .remove($0.id) } ?? .none : .none
    }
}

extension FakePeople: LiveGallery {
    private func note(_ what: String) { state.withLock { $0.told.append(what) } }

    func personRemoved(_ id: PersonID) async { note("removed \(id)") }
    func personChanged(_ record: GalleryRecord) async { note("changed \(record.person.id)") }
    func clientDeactivated(_ client: ClientID) async { note("deactivated \(client)") }
    func clientActivated(_ client: ClientID) async { note("activated \(client)") }

    func similarity(
        of picture: [UInt8], to person: PersonID, client: ClientID
    ) async throws(EdgeError) -> Double? {
        let result = state.withLock { state in
            state.compared.append(picture)
            return state.similarity
        }
        return try result.get()
    }
}

extension FakeSessions: SessionCatalog {
    func sessions(
        of client: ClientID, _ filter: SessionFilter, page: PageRequest
    ) async throws(EdgeError) -> PageOf<SessionSnapshot> {
        let all = snapshots.reversed().filter { session in
            session.client == client && filter.states?.contains(session.state) ?? true
                && filter.kinds?.contains(session.kind) ?? true
        }
        let items = all.dropFirst(page.offset).prefix(PageRequest.size).map { session in
            var session = session
            session.token = nil
            return session
        }
        return PageOf(total: all.count, items: items)
    }
}

/// Knows pictures by their first bytes.
struct FakePictures: ImageDecoder {
    func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage {
        switch bytes.first {
        case nil: throw EdgeError(.imageEmpty)
        case 0xFF: return EncodedImage(encoding: .jpeg, width: 64, height: 64, bytes: bytes)
        case 0x89: return EncodedImage(encoding: .png, width: 64, height: 64, bytes: bytes)
        case 0x52: return EncodedImage(encoding: .webp, width: 64, height: 64, bytes: bytes)
        default: throw EdgeError(.imageUnsupported)
        }
    }

    func decode(_ image: EncodedImage, scale: DecodeScale) throws(EdgeError) -> Image { throw EdgeError(.imageCorrupt) }
}
