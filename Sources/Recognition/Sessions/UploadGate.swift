import EdgeCore

/// How many uploaded pictures are being analysed or wait for it; what comes on top is sent away at once.
///
/// A waiting picture holds its bytes and delays every other session, so a queue without a bound is everybody's.
struct UploadGate: Sendable {
    /// One that is analysed and one that waits: more would only be old when its turn comes.
    static let perSession = 2
    /// All sessions of all tenants.
    static let inAll = 64

    private var sessions: [SessionID: Int] = [:]
    private(set) var count = 0

    /// Lets a picture in; throws `request.limited`.
    mutating func enter(_ id: SessionID) throws(EdgeError) {
        guard sessions[id, default: 0] < Self.perSession, count < Self.inAll else {
            throw EdgeError(
                .requestLimited, "Too many pictures wait. Send the next one after the answer to the last.",
                retryAfter: .seconds(1))
        }
        sessions[id, default: 0] += 1
        count += 1
    }

    /// A picture that was let in is done.
    mutating func leave(_ id: SessionID) {
        guard let waiting = sessions[id] else { return }
        sessions[id] = waiting > 1 ? waiting - 1 : nil
        count -= 1
    }
}
