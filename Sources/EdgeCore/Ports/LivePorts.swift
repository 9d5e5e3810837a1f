/// The people who can be recognised at this moment, in memory.
///
/// `Recognition` provides it; whoever changed the store says so afterwards, so that nobody is recognised who is gone.
public protocol LiveGallery: Sendable {
    /// A person was removed, or may not be recognised any more: no session finds them from now on.
    func personRemoved(_ id: PersonID) async
    /// A person's templates or names changed, or the person may be recognised again.
    ///
    /// `record` takes the old one's place.
    func personChanged(_ record: GalleryRecord) async
    /// A client may no longer use the device, or is gone: its open sessions end and its people are forgotten.
    func clientDeactivated(_ client: ClientID) async
    /// A client may use the device again: its people can be recognised again.
    func clientActivated(_ client: ClientID) async
    /// How like the one face in a picture is to a person who can be recognised: cosine, 0…1.
    ///
    /// `nil` without exactly one usable face, and for who cannot be recognised. Throws the errors of ``ImageDecoder``.
    func similarity(
        of picture: [UInt8], to person: PersonID, client: ClientID
    ) async throws(EdgeError) -> Double?
}

/// Which sessions of a tenant are wanted.
public struct SessionFilter: Sendable, Equatable {
    /// In one of these states; `nil` for all.
    public var states: Set<SessionState>?
    /// Of one of these kinds; `nil` for all.
    public var kinds: Set<SessionKind>?

    /// Puts a filter together.
    public init(states: Set<SessionState>? = nil, kinds: Set<SessionKind>? = nil) {
        self.states = states
        self.kinds = kinds
    }
}

/// All sessions of a tenant, open and ended.
///
/// `Recognition` provides it, since an open session stands otherwise in memory than on disk.
public protocol SessionCatalog: Sendable {
    /// One page, newest first.
    func sessions(
        of client: ClientID, _ filter: SessionFilter, page: PageRequest
    ) async throws(EdgeError) -> PageOf<SessionSnapshot>
}

/// What a change in the store means for recognition.
public enum GalleryEffect: Sendable {
    /// Nothing.
    case none
    /// This record is the person's now.
    case replace(GalleryRecord)
    /// The person may not be recognised any more.
    case remove(PersonID)
}

extension LiveGallery {
    /// Follows a change that the store has recorded.
    public func follow(_ effect: GalleryEffect) async {
        switch effect {
        case .none: break
        case .replace(let record): await personChanged(record)
        case .remove(let person): await personRemoved(person)
        }
    }
}
