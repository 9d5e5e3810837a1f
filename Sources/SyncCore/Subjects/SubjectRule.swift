/// Central's decisions about what devices say of a subject.
public enum SubjectRule {
    /// How far central trusts a device.
    public enum Standing: Sendable, Hashable, Codable {
        case active
        /// It told two histories; what it says is kept as evidence and changes nothing.
        case quarantined
        /// It was taken out of the fleet.
        case revoked
    }

    /// Why an enrollment was not taken; the device deletes its copy.
    public enum Refusal: String, Sendable, Codable, Hashable {
        /// It was made under a consent that an erasure has ended.
        case consentEnded = "consent_ended"
        /// Its device is not trusted at present.
        case notTrusted = "not_trusted"
    }

    /// What becomes of an enrollment that a device pushed.
    public enum Verdict: Sendable, Equatable {
        /// It is the present one: keep the state and tell the subject's scopes.
        case current(SubjectState, isClamped: Bool)
        /// A greater one is known: keep this one aside, tell nobody.
        case superseded(isClamped: Bool)
        /// It changes nothing, and its device is told so.
        case refused(Refusal)
    }

    /// Judges an enrollment; `wall` is central's own time in microseconds.
    public static func judge(
        _ offered: SubjectVersion, from standing: Standing, against state: SubjectState, wall: Int64
    ) -> Verdict {
        guard standing == .active else { return .refused(.notTrusted) }
        guard offered.consent >= state.erasedBelow else { return .refused(.consentEnded) }
        let (time, isClamped) = offered.time.clamped(toCentral: wall)
        let taken = offered.at(time)
        // A later consent than the last erasure here tells of an erasure that this central has lost.
        let below = max(state.erasedBelow, offered.consent)
        if let present = state.alive, present >= taken { return .superseded(isClamped: isClamped) }
        return .current(SubjectState(erasedBelow: below, version: taken), isClamped: isClamped)
    }
}
