/// The stable names of all failures; a name is never reused for something else.
public enum ErrorCode: String, Sendable, CaseIterable, Codable {
    // Requests
    case requestInvalid = "request.invalid"
    case requestMalformed = "request.malformed"
    case requestTooLarge = "request.too_large"
    case requestMediaType = "request.media_type"
    case requestNotFound = "request.not_found"
    case requestMethod = "request.method"
    case requestLimited = "request.limited"
    case requestTimeout = "request.timeout"
    case requestOrigin = "request.origin"
    case requestPage = "request.page"
    case idempotencyMismatch = "idempotency.mismatch"
    case idempotencyErased = "idempotency.erased"
    case idempotencyBusy = "idempotency.busy"
    // Credentials
    case credentialsMissing = "credentials.missing"
    case credentialsInvalid = "credentials.invalid"
    case credentialsExpired = "credentials.expired"
    case credentialsForbidden = "credentials.forbidden"
    case credentialsRevoked = "credentials.revoked"
    case featureDisabled = "feature.disabled"
    case quotaReached = "quota.reached"
    // Images
    case imageEmpty = "image.empty"
    case imageUnsupported = "image.unsupported"
    case imageCorrupt = "image.corrupt"
    case imageTooLarge = "image.too_large"
    case imageTooSmall = "image.too_small"
    case decoderUnavailable = "decoder.unavailable"
    case decoderFailed = "decoder.failed"
    // Sessions
    case sessionUnknown = "session.unknown"
    case sessionExpired = "session.expired"
    case sessionClosed = "session.closed"
    case sessionLimit = "session.limit"
    case sessionLockedOut = "session.locked_out"
    case sessionSourceMismatch = "session.source_mismatch"
    case personUnknown = "person.unknown"
    case personExists = "person.exists"
    case personDamaged = "person.damaged"
    case enrollmentUnknown = "enrollment.unknown"
    case enrollmentState = "enrollment.state"
    case consentRequired = "consent.required"
    case consentRenewalNeeded = "consent.renewal.needed"
    case recordUnknown = "record.unknown"
    case endpointExists = "webhook.endpoint.exists"
    case deliveryState = "webhook.delivery.state"
    case clientUnknown = "client.unknown"
    case clientExists = "client.exists"
    case clientSelf = "client.self"
    case clientElsewhere = "client.elsewhere"
    // Recognition
    case livenessUnavailable = "liveness.unavailable"
    case infraredUnavailable = "liveness.infrared.unavailable"
    case modelMissing = "recognition.model.missing"
    case modelWrongHash = "recognition.model.wrong_hash"
    case modelUnreadable = "recognition.model.unreadable"
    case modelUnmeasured = "recognition.model.unmeasured"
    case runtimeMissing = "recognition.runtime.missing"
    case runtimeIncompatible = "recognition.runtime.incompatible"
    case recognitionFailed = "recognition.failed"
    // Capture
    case cameraUnknown = "capture.camera.unknown"
    case cameraMissing = "capture.device.missing"
    case cameraAmbiguous = "capture.device.ambiguous"
    case cameraBusy = "capture.device.busy"
    case cameraDenied = "capture.device.denied"
    case cameraNotCapture = "capture.device.not_a_camera"
    case cameraFormat = "capture.format.unsupported"
    case cameraFailed = "capture.device.failed"
    case cameraBandwidth = "capture.bandwidth.exhausted"
    case cameraStalled = "capture.stream.stalled"
    case cameraFrozen = "capture.stream.frozen"
    case cameraCovered = "capture.picture.covered"
    case cameraChanged = "capture.pin.changed"
    case cameraCloned = "capture.pin.cloned"
    case cameraVirtual = "capture.device.virtual"
    case cameraControl = "capture.control.unknown"
    case cameraControlRefused = "capture.control.refused"
    case previewOff = "capture.preview.off"
    case replayUnreadable = "capture.replay.unreadable"
    // Store and keys
    case storeUnavailable = "store.unavailable"
    case storeBusy = "store.busy"
    case storeFull = "store.disk.full"
    case storeCorrupt = "store.corrupt"
    case storeSchemaNewer = "store.schema.newer"
    case storeUnseen = "store.unseen"
    case storeBackupOutdated = "store.backup.outdated"
    case outboxFull = "outbox.full"
    case outboxFork = "outbox.fork"
    case keyUnavailable = "vault.key.unavailable"
    case keyPermissions = "vault.key.permissions"
    case sealBroken = "vault.seal.broken"
    case recipientWrong = "import.recipient.wrong"
    case modelUnknown = "import.model.missing"
    // The daemon
    case configurationInvalid = "configuration.invalid"
    case listenFailed = "http.listen.failed"
    case socketUnfit = "http.socket.unfit"
    case tlsUnreadable = "http.tls.unreadable"
    case daemonUnreachable = "daemon.unreachable"
    case shuttingDown = "daemon.shutting_down"
    case centralUnreachable = "sync.central.unreachable"
    case proxyUnreachable = "sync.proxy.unreachable"
    case proxyRefused = "sync.proxy.refused"
    case proxyCredentials = "sync.proxy.credentials"
    case centralCertificate = "sync.central.certificate"
    case certificateNeeded = "sync.certificate.needed"
    case certificateRefused = "sync.certificate.refused"
    case certificateKey = "sync.certificate.key"
    case rootsRefused = "sync.roots.refused"
    // The fleet
    case leaseExpired = "lease.expired"
    case memberExists = "sync.member.exists"
    case memberMissing = "sync.member.missing"
    case provisionRefused = "sync.provision.refused"
    case deviceRevoked = "sync.device.revoked"
    case deviceQuarantined = "sync.device.quarantined"
    case centralAbsent = "sync.central.absent"
    case scopeExists = "fleet.scope.exists"
    case centralMoved = "central.moved"
    case centralUnmoved = "central.unmoved"
    case centralTarget = "central.target.unfit"
    case internalFault = "internal.fault"

    /// The kind of failure.
    public var kind: ErrorKind {
        switch self {
        case .requestInvalid, .requestMalformed, .imageEmpty, .imageCorrupt, .imageTooSmall, .configurationInvalid,
            .sessionSourceMismatch, .cameraControl, .cameraControlRefused, .imageUnsupported, .recipientWrong,
            .modelUnknown, .consentRequired, .socketUnfit:
            .invalid
        case .requestTooLarge, .imageTooLarge: .tooLarge
        case .requestMediaType: .unsupported
        case .requestNotFound, .requestPage, .sessionUnknown, .personUnknown, .enrollmentUnknown, .recordUnknown,
            .clientUnknown, .cameraUnknown, .centralAbsent, .previewOff:
            .notFound
        case .requestMethod, .requestTimeout, .idempotencyMismatch: .invalid
        case .requestLimited, .sessionLimit, .sessionLockedOut: .limited
        case .credentialsMissing, .credentialsInvalid, .credentialsExpired, .credentialsRevoked: .unauthorized
        case .credentialsForbidden, .featureDisabled, .quotaReached, .requestOrigin, .provisionRefused,
            .certificateNeeded, .certificateRefused, .deviceRevoked, .deviceQuarantined:
            .forbidden
        case .sessionExpired, .sessionClosed, .idempotencyErased: .gone
        case .clientExists, .clientSelf, .clientElsewhere, .personExists, .personDamaged, .enrollmentState,
            .endpointExists, .deliveryState, .idempotencyBusy, .storeBusy, .storeBackupOutdated, .outboxFork,
            .consentRenewalNeeded, .memberExists, .memberMissing, .scopeExists, .storeUnseen, .centralMoved,
            .centralUnmoved, .centralTarget:
            .conflict
        case .livenessUnavailable, .modelMissing, .modelWrongHash, .modelUnreadable, .modelUnmeasured, .runtimeMissing,
            .runtimeIncompatible, .cameraMissing, .cameraAmbiguous, .cameraBusy, .cameraDenied, .cameraNotCapture,
            .cameraFormat, .cameraFailed, .cameraStalled, .cameraFrozen, .replayUnreadable, .storeUnavailable,
            .storeFull, .outboxFull, .storeCorrupt, .storeSchemaNewer, .keyUnavailable, .keyPermissions, .listenFailed,
            .tlsUnreadable, .daemonUnreachable, .shuttingDown, .centralUnreachable, .proxyUnreachable, .proxyRefused,
            .proxyCredentials, .leaseExpired, .centralCertificate, .certificateKey, .rootsRefused, .cameraCovered,
            .cameraChanged, .cameraCloned, .cameraVirtual, .cameraBandwidth, .infraredUnavailable,
            .decoderUnavailable, .decoderFailed:
            .unavailable
        case .recognitionFailed, .sealBroken, .internalFault: .failed
        }
    }
}
