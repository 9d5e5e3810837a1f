/// Turns a driver's frame numbers into counts of lost frames.
///
/// Drivers differ: some never number, some start over, all of them wrap at 2³².
struct SequenceTracker {
    private static let longestGap: UInt32 = 100_000
    private var last: UInt32?

    /// How many whole frames were lost between the last delivered frame and this one.
    ///
    /// `givenBack` whole ones and `broken` ones came in between; both have taken numbers where the driver numbers.
    mutating func skipped(before sequence: UInt32, givenBack: Int, broken: Int) -> UInt64 {
        defer { last = sequence }
        guard let last else { return UInt64(givenBack) }
        let step = sequence &- last
        let gap = step >= 1 && step <= Self.longestGap ? Int(step) - 1 : 0
        return UInt64(max(gap - broken, givenBack))
    }
}
