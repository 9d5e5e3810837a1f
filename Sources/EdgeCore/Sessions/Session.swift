public import FoundationEssentials

/// What a session is for.
public enum SessionKind: String, Sendable, Codable, CaseIterable {
    /// Makes templates of one person.
    case enrollment
    /// 1:1, against a claimed person.
    case verification
    /// 1:N, against everybody of the tenant.
    case identification
}

/// Where a session stands.
public enum SessionState: String, Sendable, Codable, CaseIterable {
    /// Enrollment created, no frame yet.
    case pending
    /// Authentication created, no frame yet.
    case active
    /// Frames are coming in.
    case processing
    /// Came to a positive end.
    case completed
    /// Came to a negative decision.
    case failed
    /// Ran out of time without a decision.
    case expired
    /// Ended by the client, or by a restart of the device.
    case cancelled

    /// Whether frames are still taken.
    public var isOpen: Bool { self == .pending || self == .active || self == .processing }
}

/// The person that a successful authentication found.
public struct MatchedPerson: Sendable, Equatable {
    /// Our id.
    public let id: PersonID
    /// The id that the client's own system uses.
    public let externalID: String
    /// A name to show, when the client gave one.
    public let displayName: String?

    /// Names a person.
    public init(id: PersonID, externalID: String, displayName: String? = nil) {
        self.id = id
        self.externalID = externalID
        self.displayName = displayName
    }
}

/// A request for a new session, already checked for form.
public struct SessionRequest: Sendable {
    /// The tenant.
    public let client: ClientID
    /// What for.
    public let kind: SessionKind
    /// The claimed or enrolled person's external id; `nil` for identification.
    public let externalUserID: String?
    /// A name to show for the person; used by enrollment only.
    public let displayName: String?
    /// `webcam`, `mobile` or `api`, as the client said.
    public let sessionType: String
    /// Who supplies the frames.
    public let frameSource: FrameOrigin
    /// Which camera, by its name or its role; `nil` means the first one that is not infrared.
    ///
    /// Only with `.camera`.
    public let camera: String?
    /// Good frames wanted for an enrollment; `nil` means the configured number.
    public let targetSamples: Int?
    /// The client's own metadata as canonical JSON text, at most 4 KiB.
    public let metadataJSON: String
    /// What the person agreed to; used by enrollment only.
    public let consent: ConsentRecord?

    /// Puts a request together.
    public init(
        client: ClientID, kind: SessionKind, externalUserID: String?, displayName: String? = nil,
        sessionType: String = "api", frameSource: FrameOrigin = .upload, camera: String? = nil,
        targetSamples: Int? = nil, metadataJSON: String = "{}", consent: ConsentRecord? = nil
    ) {
        self.client = client
        self.kind = kind
        self.externalUserID = externalUserID
        self.displayName = displayName
        self.sessionType = sessionType
        self.frameSource = frameSource
        self.camera = camera
        self.targetSamples = targetSamples
        self.metadataJSON = metadataJSON
        self.consent = consent
    }
}

/// A session as it stands at one moment; safe to show to its own tenant.
public struct SessionSnapshot: Sendable {
    /// Our id.
    public var id: SessionID
    /// The bearer token; only there in the process that created the session, never read back from disk.
    public var token: SessionToken?
    /// The tenant.
    public var client: ClientID
    /// What for.
    public var kind: SessionKind
    /// Where it stands.
    public var state: SessionState
    /// The claimed or enrolled person's external id.
    public var externalUserID: String?
    /// Only for enrollments.
    public var enrollmentID: EnrollmentID?
    /// `webcam`, `mobile` or `api`.
    public var sessionType: String
    /// Who supplies the frames.
    public var frameSource: FrameOrigin
    /// Which camera, for camera sessions.
    public var camera: String?
    /// Frames seen so far, good or not.
    public var framesProcessed: Int
    /// Good frames so far.
    public var acceptedFrames: Int
    /// Good frames wanted.
    public var targetFrames: Int
    /// Whether the liveness policy is satisfied; always false under the policy `off`.
    public var livenessVerified: Bool
    /// Mean passive score 0…1 so far; `nil` where no opinion was formed.
    public var livenessScore: Double?
    /// The challenge that the person has to answer now.
    public var challenge: LivenessChallenge?
    /// Blinks that answered the session's challenge; `nil` where no blink is asked for, so that none is counted.
    public var blinks: Int?
    /// Turns of the head that answered the session's challenge; `nil` where none is asked for.
    public var headTurns: Int?
    /// From the first face to the decision; `nil` where only `expiresAt` ends the session without frames.
    public var decisionWindow: Duration?
    /// When the first face was seen, wall time; not kept on disk.
    public var firstFaceAt: Date?
    /// Whether an authentication ended because its `decisionWindow` was over; not kept on disk.
    public var ranOutOfTime = false
    /// Why it failed, for the tenant's own records; set on the way to disk only, and part of no answer about the session.
    public var cause: FailureCause?
    /// What its frames were like; set on the way to disk only.
    public var census: FrameCensus?
    /// Why it ended, or what it waits for.
    public var reason: Reason?
    /// The person, after success only.
    ///
    /// For an enrollment: who was enrolled.
    public var matchedPerson: MatchedPerson?
    /// Cosine similarity, after success of an authentication only.
    public var similarityScore: Double?
    /// Mean unified quality of the accepted frames, 0…1.
    public var qualityScore: Double?
    /// The client's own metadata as JSON text.
    public var metadataJSON: String
    /// What the person agreed to; set on the way to disk only, the enrollment tells it afterwards.
    public var consent: ConsentRecord?
    /// The address that it was opened from; `nil` on the device itself.
    public var address: String?
    /// What the program that opened it calls itself.
    public var userAgent: String?
    /// When it was made.
    public var createdAt: Date
    /// When it ends by itself.
    public var expiresAt: Date
    /// When it ended.
    public var completedAt: Date?

    /// A new session before its first frame.
    public init(
        id: SessionID, token: SessionToken?, request: SessionRequest, targetFrames: Int,
        createdAt: Date, expiresAt: Date
    ) {
        self.id = id
        self.token = token
        client = request.client
        kind = request.kind
        state = request.kind == .enrollment ? .pending : .active
        externalUserID = request.externalUserID
        enrollmentID = request.kind == .enrollment ? EnrollmentID() : nil
        sessionType = request.sessionType
        frameSource = request.frameSource
        camera = request.camera
        framesProcessed = 0
        acceptedFrames = 0
        self.targetFrames = targetFrames
        livenessVerified = false
        metadataJSON = request.metadataJSON
        consent = request.kind == .enrollment ? request.consent : nil
        address = RequestOrigin.current?.address
        userAgent = RequestOrigin.current?.userAgent
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// 0…100, one decimal: good frames against wanted ones.
    public var progressPercent: Double {
        guard state != .completed else { return 100 }
        guard targetFrames > 0 else { return 0 }
        return (Double(min(acceptedFrames, targetFrames)) / Double(targetFrames) * 1000).rounded() / 10
    }
}

/// The answer to one frame.
public struct FrameAnswer: Sendable {
    /// The session after this frame.
    public var session: SessionSnapshot
    /// Whether this frame counted.
    public var accepted: Bool
    /// Why, or what comes next.
    public var reason: Reason
    /// Per-measure scores of the face, when there was one.
    public var measures: [QualityMeasure]
    /// Unified quality of this frame, 0…1; `nil` without a face.
    public var qualityScore: Double?
    /// Passive score of this frame, 0…1; `nil` where no opinion was formed.
    public var livenessScore: Double?
    /// Where the face is, in pixels of the frame.
    public var face: FaceGeometry?
    /// Size of the frame that `face` refers to, pixels.
    public var frameSize: (width: Int, height: Int)?
    /// Lid distance against eye width, mean of both eyes, about 0.25 open; `nil` where it was not measured.
    public var eyeAspectRatio: Double?
    /// The 468 points of the MediaPipe face mesh in pixels of the frame; empty where it was not run.
    public var mesh: [Point] = []

    /// Puts an answer together.
    public init(
        session: SessionSnapshot, accepted: Bool, reason: Reason, measures: [QualityMeasure] = [],
        qualityScore: Double? = nil, livenessScore: Double? = nil, face: FaceGeometry? = nil,
        frameSize: (width: Int, height: Int)? = nil
    ) {
        self.session = session
        self.accepted = accepted
        self.reason = reason
        self.measures = measures
        self.qualityScore = qualityScore
        self.livenessScore = livenessScore
        self.face = face
        self.frameSize = frameSize
    }
}
