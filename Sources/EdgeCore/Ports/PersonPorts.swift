/// The people of a tenant.
///
/// `Store` provides it; every change is one transaction with its audit line. External ids are compared byte by byte.
public protocol PersonRepository: Sendable {
    /// People of `client`, or of all tenants, by external id; at most `limit`, from `offset`.
    ///
    /// Opens everybody's record to put them in order: for the command line, not for the API.
    func people(of client: ClientID?, limit: Int, offset: Int) async throws(EdgeError) -> [PersonRecord]
    /// One page, newest first.
    func people(of client: ClientID, page: PageRequest) async throws(EdgeError) -> PageOf<PersonRecord>
    /// One person by external id.
    func person(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonRecord?
    /// One person by our id.
    func person(_ id: PersonID, of client: ClientID) async throws(EdgeError) -> PersonRecord?
    /// The person that a text names: by external id, else by our id, else by the client's second id.
    func person(named text: String, of client: ClientID) async throws(EdgeError) -> PersonRecord?
    /// Makes a person known who is not enrolled yet.
    ///
    /// Throws `person.exists`, `quota.reached`.
    func createPerson(_ draft: PersonDraft, of client: ClientID) async throws(EdgeError) -> PersonRecord
    /// Changes a person.
    ///
    /// Throws `person.unknown`, `person.damaged`, and `person.exists` when the new external id is somebody else's.
    func changePerson(
        _ id: PersonID, of client: ClientID, _ edit: PersonEdit
    ) async throws(EdgeError) -> PersonChange
    /// A picture of a person; `nil` when there is none.
    func image(
        _ kind: PersonImageKind, of person: PersonID, client: ClientID
    ) async throws(EdgeError) -> PersonImage?
    /// Keeps how like the old photo is to the person's templates.
    ///
    /// `person` is the record as it was when they were compared. What was measured at other templates or another photo
    /// is not kept. Throws `person.unknown`.
    func noteOldPhoto(similarity: Double?, of person: PersonRecord) async throws(EdgeError) -> PersonRecord
    /// Removes a person with all templates and pictures. Throws `person.unknown`.
    func removePerson(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonID
    /// The same by our id.
    func removePerson(_ id: PersonID, of client: ClientID) async throws(EdgeError)
    /// How many people have templates, all tenants.
    func peopleCount() async throws(EdgeError) -> Int
}

/// The enrollments of a tenant.
///
/// `Store` provides it; every change is one transaction with its audit line.
public protocol EnrollmentRepository: Sendable {
    /// One page, newest first.
    func enrollments(of client: ClientID, page: PageRequest) async throws(EdgeError) -> PageOf<EnrollmentRecord>
    /// Those of one person, newest first, at most a thousand.
    func enrollments(of person: PersonID, client: ClientID) async throws(EdgeError) -> [EnrollmentRecord]
    /// One enrollment; `nil` when this tenant has none like it.
    func enrollment(_ id: EnrollmentID, of client: ClientID) async throws(EdgeError) -> EnrollmentRecord?
    /// Changes an enrollment.
    ///
    /// Throws `enrollment.unknown`, and `enrollment.state` for a status that it cannot take: only the enrollment
    /// that the person's templates come from goes in and out of force.
    func changeEnrollment(
        _ id: EnrollmentID, of client: ClientID, _ edit: EnrollmentEdit
    ) async throws(EdgeError) -> EnrollmentChange
    /// Removes an enrollment; with it go the person's templates where they come from it, and an open session ends.
    ///
    /// The person stays known. Throws `enrollment.unknown`.
    func removeEnrollment(_ id: EnrollmentID, of client: ClientID) async throws(EdgeError) -> GalleryEffect
}
