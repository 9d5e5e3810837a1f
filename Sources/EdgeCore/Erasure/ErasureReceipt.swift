public import FoundationEssentials

/// Why somebody was erased.
public enum ErasureCause: String, Sendable, Codable, CaseIterable {
    /// Somebody asked for it: the client's own system, or whoever stood at the device.
    case request
    /// Nobody had seen the person for as long as the device is told to keep people.
    case retention
    /// The client was removed with all its people.
    case clientRemoved = "client_removed"
    /// Central ordered it: the person was erased somewhere else in the fleet.
    case central
}

/// What an erasure took away: how many of each.
public struct ErasureCounts: Sendable, Equatable {
    /// People.
    public var people: Int
    /// Templates.
    public var templates: Int
    /// Aligned faces that templates were made of.
    public var crops: Int
    /// Pictures.
    public var pictures: Int
    /// Enrollments.
    public var enrollments: Int
    /// Records of what people agreed to.
    public var consents: Int
    /// Sessions that lost what they said about a person.
    public var sessions: Int
    /// Events that lost their data.
    public var events: Int

    /// Nothing yet.
    public init(
        people: Int = 0, templates: Int = 0, crops: Int = 0, pictures: Int = 0, enrollments: Int = 0,
        consents: Int = 0, sessions: Int = 0, events: Int = 0
    ) {
        self.people = people
        self.templates = templates
        self.crops = crops
        self.pictures = pictures
        self.enrollments = enrollments
        self.consents = consents
        self.sessions = sessions
        self.events = events
    }
}

/// What the device vouches for about an erasure, without anything that names the person to anybody else.
///
/// It becomes a text in the form of C2SP's signed note, which anybody can check with the device's public key.
public struct ErasureReceipt: Sendable, Equatable {
    /// Names the receipt.
    public var id: ErasureID
    /// The device's 16 bytes.
    public var device: [UInt8]
    /// The 16 bytes of the life of the store in which it was done.
    public var epoch: [UInt8]
    /// The tenant.
    public var client: ClientID
    /// Who was erased, by the device's own id; `nil` for all people of a client that was removed.
    public var person: PersonID?
    /// Why.
    public var cause: ErasureCause
    /// When it was asked for, or fell due; whole seconds, as all times of a receipt.
    public var requestedAt: Date
    /// When it was on disk.
    public var erasedAt: Date
    /// What went.
    public var destroyed: ErasureCounts
    /// The line of the audit trail of this epoch that tells of it.
    public var auditLine: Int64
    /// By when the key-encryption key is destroyed under which old copies could be opened; `nil` where nobody does it.
    public var keyDestructionDue: Date?

    /// Puts a receipt together.
    public init(
        id: ErasureID, device: [UInt8], epoch: [UInt8], client: ClientID, person: PersonID?, cause: ErasureCause,
        requestedAt: Date, erasedAt: Date, destroyed: ErasureCounts, auditLine: Int64, keyDestructionDue: Date?
    ) {
        self.id = id
        self.device = device
        self.epoch = epoch
        self.client = client
        self.person = person
        self.cause = cause
        self.requestedAt = requestedAt
        self.erasedAt = erasedAt
        self.destroyed = destroyed
        self.auditLine = auditLine
        self.keyDestructionDue = keyDestructionDue
    }

    /// The name of the key that signs a device's receipts.
    public static func signer(device: [UInt8]) -> String { "edged/\(hexadecimal(device))/erasures" }

    /// The receipt as a signed note.
    public func signed(by signer: any Signer) throws(EdgeError) -> String {
        try SignedNote.sign(form.text, as: Self.signer(device: device), signer)
    }

    /// The receipt in a note that this key signed; `nil` for anything else.
    public static func open(
        _ note: String, publicKey: [UInt8], _ checker: any ProofChecker
    ) throws(EdgeError) -> ErasureReceipt? {
        guard let claimed = ErasureReceipt(NoteForm(note, title: title)) else { return nil }
        let name = signer(device: claimed.device)
        let text = try SignedNote.open(note, signedAs: name, publicKey: publicKey, checker)
        // What is not written exactly as the device writes it was not signed as what it seems to say.
        return text == claimed.form.text ? claimed : nil
    }

    private static let title = "edged erasure receipt"

    private var form: NoteForm {
        NoteForm(
            title: Self.title,
            fields: [
                ("version", "1"), ("receipt", id.description), ("device", hexadecimal(device)),
                ("epoch", hexadecimal(epoch)), ("client", client.description),
                ("person", person?.description ?? "all"), ("cause", cause.rawValue),
                ("requested_at", NoteForm.text(requestedAt)), ("erased_at", NoteForm.text(erasedAt)),
            ] + destroyed.fields + [
                ("audit_line", "\(auditLine)"),
                ("key_destruction_due", keyDestructionDue.map(NoteForm.text) ?? "none"),
            ])
    }

    private init?(_ form: NoteForm?) {
        guard let form, form["version"] == "1", let id = form["receipt"].flatMap({ ErasureID($0) }),
            let device = form.bytes("device"), let epoch = form.bytes("epoch"),
            let client = form["client"].flatMap({ ClientID($0) }), let person = form["person"],
            let cause = form["cause"].flatMap(ErasureCause.init(rawValue:)),
            let requestedAt = form.date("requested_at"), let erasedAt = form.date("erased_at"),
            let destroyed = ErasureCounts(form), let line = form["audit_line"].flatMap({ Int64($0) })
        else { return nil }
        self.init(
            id: id, device: device, epoch: epoch, client: client, person: PersonID(person), cause: cause,
            requestedAt: requestedAt, erasedAt: erasedAt, destroyed: destroyed, auditLine: line,
            keyDestructionDue: form.date("key_destruction_due"))
    }
}

extension ErasureCounts {
    fileprivate var fields: [(String, String)] {
        [
            ("people", people), ("templates", templates), ("crops", crops), ("pictures", pictures),
            ("enrollments", enrollments), ("consents", consents), ("sessions", sessions), ("events", events),
        ].map { ($0.0, "\($0.1)") }
    }

    fileprivate init?(_ form: NoteForm) {
        func number(_ name: String) -> Int? { form[name].flatMap { Int($0) } }
        guard let people = number("people"), let templates = number("templates"), let crops = number("crops"),
            let pictures = number("pictures"), let enrollments = number("enrollments"),
            let consents = number("consents"),
            let sessions = number("sessions"), let events = number("events")
        else { return nil }
        self.init(
            people: people, templates: templates, crops: crops, pictures: pictures, enrollments: enrollments,
            consents: consents, sessions: sessions, events: events)
    }
}
