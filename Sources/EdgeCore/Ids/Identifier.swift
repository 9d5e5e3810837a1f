public import FoundationEssentials

/// A UUID that knows what it names, so that a person's id cannot stand where a session's is wanted.
public struct Identifier<Subject>: Hashable, Sendable, RawRepresentable {
    /// The UUID itself.
    public let rawValue: UUID

    /// Wraps a known UUID.
    public init(rawValue: UUID) { self.rawValue = rawValue }

    /// Makes a fresh random id.
    public init() { rawValue = UUID() }

    /// Reads the canonical text form; `nil` when `text` is not a UUID.
    public init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        rawValue = uuid
    }
}

extension Identifier: CustomStringConvertible, Codable {
    /// The canonical text form in lower case.
    public var description: String {
        // Written out here: the library's own way formats each byte as a number, which costs ten times as much.
        let u = rawValue.uuid
        let all = [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15]
        let digits = StaticDigits.hexadecimal
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (number, byte) in all.enumerated() {
            if number == 4 || number == 6 || number == 8 || number == 10 { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the text form.
    public init(from decoder: any Decoder) throws { rawValue = try UUID(from: decoder) }

    /// Writes the text form in lower case.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Outside of the generic type, which can have no stored statics.
private enum StaticDigits {
    static let hexadecimal = Array("0123456789abcdef".utf8)
}

/// Names the subject of a ``ClientID``.
public enum ClientSubject {}
/// Names the subject of a ``PersonID``.
public enum PersonSubject {}
/// Names the subject of a ``SessionID``.
public enum SessionSubject {}
/// Names the subject of an ``EnrollmentID``.
public enum EnrollmentSubject {}
/// Names the subject of a ``TemplateID``.
public enum TemplateSubject {}

/// Names the subject of an ``EventID``.
public enum EventSubject {}
/// Names the subject of an ``EndpointID``.
public enum EndpointSubject {}
/// Names the subject of a ``DeliveryID``.
public enum DeliverySubject {}
/// Names the subject of a ``SecurityEventID``.
public enum SecurityEventSubject {}
/// Names the subject of a ``UsageID``.
public enum UsageSubject {}
/// Names the subject of a ``CropID``.
public enum CropSubject {}
/// Names the subject of an ``ErasureID``.
public enum ErasureSubject {}
/// Names the subject of a ``TokenFamilyID``.
public enum TokenFamilySubject {}

/// An API client, which is also the tenant: clients never see each other's people or sessions.
public typealias ClientID = Identifier<ClientSubject>
/// A person of one tenant.
public typealias PersonID = Identifier<PersonSubject>
/// An enrollment or authentication session.
public typealias SessionID = Identifier<SessionSubject>
/// One enrollment of one person.
public typealias EnrollmentID = Identifier<EnrollmentSubject>
/// One stored template.
public typealias TemplateID = Identifier<TemplateSubject>
/// Something that happened and that webhooks may be told.
public typealias EventID = Identifier<EventSubject>
/// A client's webhook endpoint.
public typealias EndpointID = Identifier<EndpointSubject>
/// One event on its way to one endpoint.
public typealias DeliveryID = Identifier<DeliverySubject>
/// A security event.
public typealias SecurityEventID = Identifier<SecurityEventSubject>
/// One recorded API call.
public typealias UsageID = Identifier<UsageSubject>
/// The erasure of a person, or of all of a client's.
public typealias ErasureID = Identifier<ErasureSubject>
/// A kept crop.
public typealias CropID = Identifier<CropSubject>
/// A chain of refresh tokens that began with one log-in.
public typealias TokenFamilyID = Identifier<TokenFamilySubject>

/// The bearer secret that names a session to the client that created it.
///
/// Of it the sessions keep a keyed digest only; sealed it stands in the event of the session's end and, for a day, in an
/// answer kept for an `Idempotency-Key`.
public struct SessionToken: Hashable, Sendable, RawRepresentable {
    /// The token text, `sess_` and 43 url-safe characters.
    public let rawValue: String
    /// Wraps a token received or just made.
    public init(rawValue: String) { self.rawValue = rawValue }
}

extension SessionToken: CustomStringConvertible, CustomReflectable {
    /// A placeholder: a token is a secret.
    public var description: String { "<redacted>" }
    /// An empty mirror, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
