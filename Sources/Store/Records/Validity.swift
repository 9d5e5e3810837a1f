import EdgeCore
import FoundationEssentials
import GRDB

/// Until when an enrollment counts, and what may become of that.
struct Validity: Equatable {
    let status: EnrollmentStatus
    let until: Date?
    let sessionEnds: Date
    /// Whether the person's templates come from it.
    let isCurrent: Bool
    let now: Date

    init(_ row: Row, at now: Date) throws {
        status = try row.word("status")
        until = row.optionalDate("valid_until")
        sessionEnds = row.date("session_expires_at")
        isCurrent = (row["person_key"] as Int64?) != nil
        self.now = now
    }

    private init(_ old: Validity, status: EnrollmentStatus, until: Date?) {
        self.status = status
        self.until = until
        sessionEnds = old.sessionEnds
        isCurrent = old.isCurrent
        now = old.now
    }

    /// The status as it is shown: nobody has to write down that a time is over.
    var shown: EnrollmentStatus {
        guard status == .active, let until, until <= now else { return status }
        return .expired
    }

    /// The end as it is shown: the session's while it is open, that of the templates afterwards.
    var expiresAt: Date? {
        switch status {
        case .pending, .expired: sessionEnds
        case .active, .inactive, .failed, .cancelled, .completed: until
        }
    }

    /// The enrollment after a change; `nil` when nothing changes.
    ///
    /// What was read may be sent back as it was. Throws `enrollment.state`.
    func after(_ edit: EnrollmentEdit, _ present: EnrollmentRecord) throws(EdgeError) -> Validity? {
        var next = (status: status, until: until)
        if let end = edit.expiresAt, !Self.isSame(end, expiresAt) {
            guard isCurrent || status == .pending else { throw EdgeError(.enrollmentState, field: "expires_at") }
            next.until = end
        }
        if let wanted = edit.status, wanted != shown {
            guard isCurrent, wanted == .active || wanted == .inactive else {
                throw EdgeError(.enrollmentState, field: "status")
            }
            next.status = wanted
            if shown == .expired, next.until == until { next.until = nil }
        }
        let changed = Validity(self, status: next.status, until: next.until)
        return changed == self ? nil : changed
    }

    /// Points in time are written in whole seconds.
    private static func isSame(_ left: Date?, _ right: Date?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return abs(left.timeIntervalSince(right)) < 1
    }
}
