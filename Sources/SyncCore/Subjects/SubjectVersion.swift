public import FoundationEssentials

/// A person as the fleet knows it: a pseudonym that central and devices share, without a name.
public struct SubjectKey: Hashable, Sendable, RawRepresentable, Codable, Comparable {
    /// 128 bits.
    public let rawValue: UUID
    /// Wraps a known key.
    public init(rawValue: UUID) { self.rawValue = rawValue }

    /// The 16 bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: rawValue.uuid) { Array($0) } }

    /// By their bytes, so that both sides sort alike.
    public static func < (left: SubjectKey, right: SubjectKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// Which enrollment of a subject is the present one: the greatest of all that were made.
public struct SubjectVersion: Hashable, Sendable, Codable {
    /// Under which consent it was made; an erasure raises it, and only a consent given at central since counts again.
    public let consent: UInt64
    /// One more than the enrollment that it replaces.
    public let generation: UInt64
    /// When, for two devices that replaced the same one.
    public let time: HybridTime
    /// Where; the last word between equals.
    public let device: DeviceID

    /// Names a version.
    public init(consent: UInt64, generation: UInt64, time: HybridTime, device: DeviceID) {
        self.consent = consent
        self.generation = generation
        self.time = time
        self.device = device
    }

    /// The same enrollment with another time.
    public func at(_ time: HybridTime) -> SubjectVersion {
        SubjectVersion(consent: consent, generation: generation, time: time, device: device)
    }
}

extension SubjectVersion: Comparable {
    /// By consent, generation, time and device, in this order.
    public static func < (left: SubjectVersion, right: SubjectVersion) -> Bool {
        guard (left.consent, left.generation) == (right.consent, right.generation) else {
            return (left.consent, left.generation) < (right.consent, right.generation)
        }
        guard left.time == right.time else { return left.time < right.time }
        return SubjectKey(rawValue: left.device.rawValue) < SubjectKey(rawValue: right.device.rawValue)
    }
}

/// All that decides about a subject: what was erased, and the greatest enrollment.
///
/// Two states merge by the greater of each part. That is associative, commutative and repeatable, so replicas that have
/// seen the same facts agree in whatever order these came.
public struct SubjectState: Sendable, Hashable, Codable {
    /// Enrollments under a consent below this are erased; 0 when there was no erasure.
    public var erasedBelow: UInt64
    /// The greatest enrollment that was seen, dead or alive.
    public var version: SubjectVersion?

    /// Describes a subject.
    public init(erasedBelow: UInt64 = 0, version: SubjectVersion? = nil) {
        self.erasedBelow = erasedBelow
        self.version = version
    }

    /// The enrollment that may be used; `nil` when there is none, or it was erased.
    public var alive: SubjectVersion? {
        guard let version, version.consent >= erasedBelow else { return nil }
        return version
    }

    /// What follows from both states.
    public func merging(_ other: SubjectState) -> SubjectState {
        let versions = [version, other.version].compactMap { $0 }
        return SubjectState(erasedBelow: max(erasedBelow, other.erasedBelow), version: versions.max())
    }

    /// The subject erased: every enrollment made so far, here or elsewhere under the same consent, is dead.
    ///
    /// Erasing again what is erased already changes nothing.
    public func erased(since consent: UInt64? = nil) -> SubjectState {
        let last = max(consent ?? 0, version?.consent ?? 0)
        guard last >= erasedBelow else { return self }
        return SubjectState(erasedBelow: last + 1, version: version)
    }
}
