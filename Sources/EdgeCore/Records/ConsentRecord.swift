public import FoundationEssentials

/// What a person agreed to before the device made templates of them, as the client tells it.
///
/// The device keeps it and proves nothing by it: who asked the person, and how, the client must be able to show.
public struct ConsentRecord: Sendable, Equatable {
    /// Which text the person agreed to, 1 to 100 characters.
    public var textVersion: String
    /// SHA-256 of that text, 64 hexadecimal digits.
    public var textSHA256: String?
    /// Who agreed, where it was not the person: a guardian, for example.
    public var givenBy: String?
    /// When it was given, by the client's clock.
    public var givenAt: Date?
    /// How it was given: on paper, for example.
    public var method: String?
    /// When the device recorded it; `nil` until then.
    public var recordedAt: Date?

    /// Names the text; everything else may be left out.
    public init(
        textVersion: String, textSHA256: String? = nil, givenBy: String? = nil, givenAt: Date? = nil,
        method: String? = nil
    ) {
        self.textVersion = textVersion
        self.textSHA256 = textSHA256
        self.givenBy = givenBy
        self.givenAt = givenAt
        self.method = method
    }

    /// The longest version of a text, and the longest of the further facts; characters.
    public static let maximumLength = (version: 100, fact: 200)

    /// What is wrong with it; `nil` when nothing is.
    public var fault: String? {
        let limit = Self.maximumLength
        guard (1...limit.version).contains(textVersion.unicodeScalars.count) else {
            return "text_version must have 1 to \(limit.version) characters."
        }
        guard [givenBy, method].allSatisfy({ ($0?.unicodeScalars.count ?? 0) <= limit.fact }) else {
            return "given_by and method must have at most \(limit.fact) characters."
        }
        guard textSHA256?.isSHA256 ?? true else { return "text_sha256 must have 64 hexadecimal digits." }
        return nil
    }
}

extension String {
    fileprivate var isSHA256: Bool { utf8.count == 64 && allSatisfy { $0.isASCII && $0.isHexDigit } }
}
