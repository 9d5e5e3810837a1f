import EdgeCore
import FoundationEssentials
import GRDB

/// A new session as it goes into its table.
struct SessionRow: Sendable {
    let session: SessionSnapshot
    let tokenDigest: [UInt8]
    let claimedDigest: [UInt8]?
    let subjectKey: [UInt8]
    let personal: [UInt8]

    func insert(_ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO sessions (id, client_id, token_digest, kind, claimed_digest, subject_key, personal,
                    enrollment_id, session_type, frame_source, camera, created_at, expires_at, state, target_frames,
                    frames_processed, accepted_frames, liveness_verified, ip_address, user_agent)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            session.id.column, session.client.column, Data(tokenDigest), session.kind.rawValue,
            claimedDigest.map { Data($0) }, Data(subjectKey), Data(personal), session.enrollmentID?.column,
            session.sessionType, session.frameSource.rawValue, session.camera, session.createdAt.column,
            session.expiresAt.column, session.state.rawValue, session.targetFrames, session.framesProcessed,
            session.acceptedFrames, session.livenessVerified, RequestOrigin.current?.address,
            RequestOrigin.current?.userAgent,
        ])
    }
}

extension SessionSnapshot {
    /// Writes what changes between a session's beginning and its end.
    func updateRow(_ db: Database, person: PersonID?) throws {
        try db.cachedStatement(
            sql: """
                UPDATE sessions SET state = ?, frames_processed = ?, accepted_frames = ?, target_frames = ?,
                    liveness_verified = ?, liveness_score = ?, challenge = ?, reason = ?, person_id = ?,
                    similarity_score = ?, quality_score = ?, expires_at = ?, completed_at = ?, cause = ?, census = ?,
                    first_face_at = ?
                WHERE id = ? AND client_id = ?
                """
        ).execute(arguments: [
            state.rawValue, framesProcessed, acceptedFrames, targetFrames, livenessVerified, livenessScore,
            challenge?.rawValue, reason?.rawValue, person?.column, similarityScore, qualityScore, expiresAt.column,
            completedAt?.column, cause?.rawValue, census?.json, firstFaceAt?.column, id.column, client.column,
        ])
    }

    /// Reads a row; the matched person is the caller's to add.
    init(_ row: Row, id: SessionID, client: ClientID, personal: SessionPersonalData?) throws {
        let request = try SessionRequest(
            client: client, kind: row.word("kind"), externalUserID: personal?.externalUserID,
            sessionType: row["session_type"], frameSource: row.word("frame_source"), camera: row["camera"],
            metadataJSON: personal?.metadataJSON ?? "{}")
        self.init(
            id: id, token: nil, request: request, targetFrames: row["target_frames"],
            createdAt: row.date("created_at"), expiresAt: row.date("expires_at"))
        state = try row.word("state")
        enrollmentID = try row.optionalID("enrollment_id")
        framesProcessed = row["frames_processed"]
        acceptedFrames = row["accepted_frames"]
        livenessVerified = row["liveness_verified"]
        livenessScore = row["liveness_score"]
        challenge = try row.optionalWord("challenge")
        reason = try row.optionalWord("reason")
        similarityScore = row["similarity_score"]
        qualityScore = row["quality_score"]
        completedAt = row.optionalDate("completed_at")
        address = row["ip_address"]
        userAgent = row["user_agent"]
    }
}

extension AuditRecord {
    /// The line of a session that was opened.
    init(opened session: SessionSnapshot) {
        self.init(
            action: "session.opened", client: session.client, session: session.id, succeeded: true,
            detailsJSON: #"{"frame_source":"\#(session.frameSource.rawValue)","kind":"\#(session.kind.rawValue)"}"#,
            at: session.createdAt)
    }

    /// The line of a session that neither the client nor the person ended.
    init(cancelled session: SessionID, of client: ClientID, cause: StaticString, at moment: Date) {
        self.init(
            action: "session.cancelled", client: client, session: session, succeeded: false,
            reason: Reason.cancelled.rawValue, detailsJSON: #"{"cause":"\#(cause)"}"#, at: moment)
    }

    /// The line of a session that ended.
    init(ended session: SessionSnapshot, person: PersonID?, at moment: Date) {
        let noun = session.kind == .enrollment ? "enrollment" : "authentication"
        let action =
            switch session.state {
            case .completed: session.kind == .enrollment ? "enrollment.completed" : "authentication.succeeded"
            case .expired: "session.expired"
            case .cancelled: "session.cancelled"
            case .failed, .pending, .active, .processing: "\(noun).failed"
            }
        self.init(
            action: action, client: session.client, session: session.id, person: person,
            succeeded: session.state == .completed, reason: session.reason?.rawValue,
            detailsJSON: """
                {"accepted_frames":\(session.acceptedFrames),"frames_processed":\(session.framesProcessed),\
                "kind":"\(session.kind.rawValue)","liveness_verified":\(session.livenessVerified)}
                """, at: moment)
    }
}
