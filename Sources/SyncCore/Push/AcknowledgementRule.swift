/// A device's decision about what central says it has.
///
/// Central cannot compare what it keeps no more; the device always can, since it knows its own end.
public enum AcknowledgementRule {
    /// What an acknowledgement tells.
    public enum Verdict: Sendable, Equatable {
        /// Everything up to the number is on disk there: it may be deleted here.
        case valid
        /// Central has more than this device ever made in this epoch: its database is an older copy of itself.
        case rolledBack
        /// Central has another record at that place.
        case forked
    }

    /// Judges an acknowledgement up to `number` with central's running hash there.
    ///
    /// `own` gives the device's running hash after a record, `nil` where it is not kept any more; `newest` is the last
    /// record that it made.
    public static func judge(
        _ number: UInt64, head: ChainHash, newest: UInt64, own: (UInt64) -> ChainHash?
    ) -> Verdict {
        guard number <= newest else { return .rolledBack }
        guard let mine = own(number), mine != head else { return .valid }
        return .forked
    }
}
