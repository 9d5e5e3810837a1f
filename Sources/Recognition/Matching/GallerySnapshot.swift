import EdgeCore

/// What a search of the gallery found.
struct ProbeMatch: Sendable, Equatable {
    /// Who is nearest; `nil` for a claimed user whom nobody knows.
    var person: MatchedPerson?
    /// Cosine similarity to that person.
    var score: Double
    /// Cosine similarity to the nearest other person; `nil` when nobody else took part.
    var runnerUp: Double?
}

/// An external id as a key: two ids are one when their bytes are, as in the store.
///
/// `String` is no key for it: it takes canonically equivalent spellings for one, and so one person for another.
struct ExternalIDKey: Hashable, Sendable {
    private let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExternalIDKey, right: ExternalIDKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

/// The enrolled people of one tenant at one moment.
///
/// Each person is one row: the mean of the person's templates, brought to length 1. Only templates of one model take
/// part. It never changes; a change of the gallery is a new snapshot.
struct GallerySnapshot: Sendable {
    /// The net whose templates take part; others never compare.
    let model: ModelVersion
    private(set) var matrix = GalleryMatrix()
    private(set) var people = PersonList()
    private(set) var rowOfExternalID = RowIndex<ExternalIDKey>()
    private(set) var rowOfPerson = RowIndex<PersonID>()

    /// How many people can be found.
    var count: Int { people.count }

    /// An empty gallery.
    init(model: ModelVersion) { self.model = model }

    /// A gallery of everybody in `records` who has a template of `model`.
    init(model: ModelVersion, records: some Collection<GalleryRecord>) {
        self.model = model
        for record in records { put(record) }
    }

    /// The gallery after `record` came in place of the person's earlier one.
    func replacing(_ record: GalleryRecord) -> GallerySnapshot {
        var next = self
        next.put(record)
        return next
    }

    /// The gallery without one person.
    func removing(_ id: PersonID) -> GallerySnapshot {
        guard let row = rowOfPerson.row(of: id) else { return self }
        var next = self
        next.remove(row: row)
        return next
    }

    /// 1:1 against the person of this external id; `nil` when there is none.
    func compare(_ probe: FaceTemplate, externalID: String) -> ProbeMatch? {
        guard probe.model == model, let row = rowOfExternalID.row(of: ExternalIDKey(externalID)),
            let score = matrix.score(of: row, probe.values)
        else { return nil }
        return ProbeMatch(person: people[row], score: score, runnerUp: nil)
    }

    /// Cosine to one person; `nil` when there is none, or the template is of another model.
    func similarity(of probe: FaceTemplate, to person: PersonID) -> Double? {
        guard probe.model == model, let row = rowOfPerson.row(of: person) else { return nil }
        return matrix.score(of: row, probe.values)
    }

    /// 1:N, the exact nearest person and the nearest other one; `skipping` leaves one person out.
    func search(_ probe: FaceTemplate, skipping externalID: String? = nil) -> ProbeMatch? {
        let skipped = externalID.flatMap { rowOfExternalID.row(of: ExternalIDKey($0)) }
        guard probe.model == model, let nearest = matrix.nearest(to: probe.values, skipping: skipped) else {
            return nil
        }
        return ProbeMatch(person: people[nearest.row], score: nearest.score, runnerUp: nearest.runnerUp)
    }

    private static func row(of record: GalleryRecord, _ model: ModelVersion) -> [Float]? {
        TemplateMath.mean(of: record.templates.lazy.filter { $0.model == model }.map(\.values))
    }

    /// Whether somebody can be found.
    func contains(_ person: PersonID) -> Bool { rowOfPerson.row(of: person) != nil }

    /// Puts a person in; one who has no usable template any more goes.
    mutating func put(_ record: GalleryRecord) {
        // The id alone says who it is: a re-enrollment has the id of the first one.
        let known = rowOfPerson.row(of: record.person.id)
        guard let row = Self.row(of: record, model), matrix.dimension == 0 || row.count == matrix.dimension else {
            if let known { remove(row: known) }
            return
        }
        let place = known ?? people.count
        if let known {
            // Keys, not texts: two spellings of one text are two ids.
            if ExternalIDKey(people[known].externalID) != ExternalIDKey(record.person.externalID) {
                forgetExternalID(of: known)
            }
            people[known] = record.person
            matrix.replace(known, with: row)
        } else {
            people.append(record.person)
            matrix.append(row)
            rowOfPerson.set(record.person.id, to: place)
        }
        rowOfExternalID.set(ExternalIDKey(record.person.externalID), to: place)
    }

    /// The last row takes the place of the removed one, so that the matrix stays without gaps.
    private mutating func remove(row: Int) {
        rowOfPerson.remove(people[row].id)
        forgetExternalID(of: row)
        let last = people.count - 1
        if row != last {
            let moved = people[last]
            let key = ExternalIDKey(moved.externalID)
            if rowOfExternalID.row(of: key) == last { rowOfExternalID.set(key, to: row) }
            rowOfPerson.set(moved.id, to: row)
        }
        people.remove(row)
        matrix.remove(row)
    }

    private mutating func forgetExternalID(of row: Int) {
        let key = ExternalIDKey(people[row].externalID)
        // Somebody enrolled under this id since: the id is theirs now.
        if rowOfExternalID.row(of: key) == row { rowOfExternalID.remove(key) }
    }
}
