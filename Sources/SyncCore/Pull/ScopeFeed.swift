public import FoundationEssentials

/// A part of the fleet's people that goes to the same devices: a tenant, a site, a group.
public struct ScopeID: Hashable, Sendable, RawRepresentable, Codable {
    /// 128 bits.
    public let rawValue: UUID
    /// Wraps a known id.
    public init(rawValue: UUID) { self.rawValue = rawValue }
}

/// One life of central's database; a restored one counts its changes again.
public struct Incarnation: Hashable, Sendable, RawRepresentable, Codable {
    /// 128 random bits.
    public let rawValue: UUID
    /// Wraps a known incarnation.
    public init(rawValue: UUID) { self.rawValue = rawValue }
}

/// A place in a scope's feed.
public struct ScopePoint: Hashable, Sendable, Codable {
    /// Whose feed.
    public let scope: ScopeID
    /// The change number, gapless within the scope from 1.
    public let change: UInt64

    /// Names a place.
    public init(scope: ScopeID, change: UInt64) {
        self.scope = scope
        self.change = change
    }
}

/// What a scope's feed says of a subject.
public enum SubjectChange: Sendable, Hashable, Codable {
    /// This enrollment is the present one.
    case put(SubjectVersion)
    /// The subject is not in the scope any more; nothing was erased.
    case left
    /// Everything under a consent below this is erased.
    case erased(below: UInt64)

    /// Whether it takes somebody away: such changes are told first.
    public var isRemoval: Bool {
        switch self {
        case .put: false
        case .left, .erased: true
        }
    }
}

/// A subject's newest change in a scope: the feed keeps one for each subject.
public struct FeedEntry: Sendable, Hashable, Codable {
    /// Whom it is about.
    public let subject: SubjectKey
    /// Its number in the scope.
    public let change: UInt64
    /// What became of them.
    public let content: SubjectChange

    /// Describes an entry.
    public init(subject: SubjectKey, change: UInt64, content: SubjectChange) {
        self.subject = subject
        self.change = change
        self.content = content
    }
}

/// How far a device has applied a scope's feed.
///
/// Removals run ahead of the rest, so that half a million enrollments never delay an erasure.
public struct ScopeCursor: Sendable, Hashable, Codable {
    /// All removals up to this number are applied.
    public var removals: UInt64
    /// All changes up to this number are applied.
    public var changes: UInt64

    /// Before the first change.
    public static let start = ScopeCursor(removals: 0, changes: 0)

    /// Describes a cursor.
    public init(removals: UInt64, changes: UInt64) {
        self.removals = removals
        self.changes = changes
    }
}
