import EdgeCore
import GRDB
import Logging

extension EdgeStore {
    /// Tells of a file beside the database that is not the one that was written, while the store is in use.
    ///
    /// Looked for from time to time, before an interval of the trail's tail ends and before the store is closed: whoever writes
    /// such a file anew without a word wipes the trace away. The alarm stands until ``acceptContents()``.
    func tellTouchedFiles() async throws(EdgeError) {
        try await tellTouchedTail()
        try await tellTouchedAnchor()
    }

    private func tellTouchedAnchor() async throws(EdgeError) {
        let isTouched = try await read { [sums] _ in sums.anchor?.isChanged() ?? false }
        guard isTouched else { return }
        try await write(.urgent) { [self] db in
            // Told by somebody else meanwhile.
            guard sums.anchor?.isChanged() == true else { return }
            let alarm = StoreAlarm.touchedAnchor
            try AlarmRecord.stand(alarm, db)
            try audit(
                AuditRecord(
                    action: alarm.kind.rawValue, succeeded: false, detailsJSON: alarm.facts, at: clock.wall), db)
            onCommit { [self] in
                sums.anchor?.renew()
                raise(alarm)
            }
        }
    }

    /// Before the end in order, which writes both; what stops it is in the log, and the next start looks too.
    func tellTouchedFilesBeforeClose() async {
        do throws(EdgeError) { try await tellTouchedFiles() } catch {
            log.error("the files beside the store were not looked at", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}
