/// What a device holds of one subject: what central told, and what the device itself did since.
public struct Replica: Sendable, Equatable, Codable {
    /// An enrollment made on this device that central has not settled yet.
    public struct Pending: Sendable, Equatable, Codable {
        /// What was made here.
        public let version: SubjectVersion
        /// The change number at which central's word about it is in the feed; `nil` until it is acknowledged.
        public var settledAt: ScopePoint?

        /// An enrollment that was just made.
        public init(version: SubjectVersion) { self.version = version }
    }

    /// The present enrollment in the scopes of this device; `nil` when central told of none.
    public var told: SubjectVersion?
    /// The scopes in which it was told.
    public var scopes: Set<ScopeID>
    /// The device's own, unsettled.
    public var pending: Pending?
    /// What is known to be erased; kept when everything else is gone, against copies that come back.
    public var erasedBelow: UInt64

    /// Describes a replica.
    public init(
        told: SubjectVersion? = nil, scopes: Set<ScopeID> = [], pending: Pending? = nil, erasedBelow: UInt64 = 0
    ) {
        self.told = told
        self.scopes = scopes
        self.pending = pending
        self.erasedBelow = erasedBelow
    }

    /// The enrollment that a probe may match; `nil` when nobody may.
    public var effective: SubjectVersion? {
        [told, pending?.version].compactMap { $0 }.filter { $0.consent >= erasedBelow }.max()
    }

    /// Whether there is nothing left to keep.
    public var isEmpty: Bool { told == nil && pending == nil && erasedBelow == 0 }
}

extension Replica {
    /// The version of an enrollment made here now; it replaces what is in effect.
    ///
    /// `consent` is what central granted, for a subject that was erased; without it the one that is known goes on.
    /// `nil` when the subject was erased and no consent was given since.
    public func next(at time: HybridTime, on device: DeviceID, consent: UInt64? = nil) -> SubjectVersion? {
        let known = consent ?? effective?.consent ?? 0
        guard known >= erasedBelow else { return nil }
        let generation = [told, pending?.version].compactMap { $0 }.filter { $0.consent == known }.map(\.generation)
            .max()
        return SubjectVersion(consent: known, generation: (generation ?? 0) + 1, time: time, device: device)
    }

    /// Takes one change of a scope's feed.
    public mutating func apply(_ change: SubjectChange, of scope: ScopeID) {
        switch change {
        case .put(let version):
            // A copy of what was erased can come from a central that was restored; it does not come back here.
            guard version.consent >= erasedBelow else { return }
            // A consent is only given after everything under the one before was erased.
            erase(below: version.consent)
            told = version
            scopes.insert(scope)
        case .left:
            leave(scope)
        case .erased(let below):
            leave(scope)
            erase(below: below)
        }
    }

    /// The subject is no longer in this scope, or the device is not.
    public mutating func leave(_ scope: ScopeID) {
        scopes.remove(scope)
        if scopes.isEmpty { told = nil }
    }

    /// Everything under an earlier consent goes, wherever it came from.
    public mutating func erase(below: UInt64) {
        erasedBelow = max(erasedBelow, below)
        if let version = told, version.consent < erasedBelow { (told, scopes) = (nil, []) }
        if let own = pending, own.version.consent < erasedBelow { pending = nil }
    }

    /// Central has the device's own enrollment on disk; its word about it is in the feed at `point`.
    public mutating func acknowledge(_ version: SubjectVersion, settledAt point: ScopePoint) {
        guard pending?.version == version else { return }
        pending?.settledAt = point
    }

    /// Central did not take it: the copy goes.
    public mutating func refuse(_ version: SubjectVersion) {
        if pending?.version == version { pending = nil }
    }

    /// Gives up the device's own once the feed has been applied up to central's word about it.
    ///
    /// `cursors` are those of the scopes that the device has; in a scope that it has no longer nothing will come.
    public mutating func settle(_ cursors: [ScopeID: UInt64]) {
        guard let point = pending?.settledAt else { return }
        guard let reached = cursors[point.scope] else { return pending = nil }
        if reached >= point.change { pending = nil }
    }
}
