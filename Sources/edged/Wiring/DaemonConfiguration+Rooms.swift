import Capture
import EdgeCore
import Recognition
import Store

/// Each room gets its own part, never the whole.
extension DaemonConfiguration {
    var forSessions: SessionConfiguration {
        var part = SessionConfiguration()
        part.timeToLive = sessions.timeToLive
        part.targetSamples = sessions.targetSamples
        part.minFrames = sessions.minFrames
        part.maxUsableFrames = sessions.maxUsableFrames
        part.maxUploadFrames = sessions.maxUploadFrames
        part.maxCameraFrames = sessions.maxCameraFrames
        part.cameraDecisionTimeout = sessions.decisionTimeout
        part.maxOpenPerClient = sessions.maxOpenPerClient
        part.livenessPolicy = liveness.policy
        part.livenessLogit = liveness.thresholdLogit
        part.infraredPolicy = liveness.infrared
        part.infraredOffset = liveness.infraredOffset
        part.infraredScale = liveness.infraredScale
        part.verificationFMR = recognition.verificationFMR
        part.identificationFMR = recognition.identificationFMR
        switch sessions.duplicates {
        case .refuse: part.duplicatePolicy = .refuse
        case .warn: part.duplicatePolicy = .warn
        case .allow: part.duplicatePolicy = .allow
        }
        part.requiresConsent = consent.isRequired
        part.keepsCrops = templates.keepsCrops
        return part
    }

    var forStore: StoreOptions {
        var part = StoreOptions()
        part.lockout = LockoutPolicy(
            misses: sessions.lockoutMisses, first: sessions.lockoutFirst, maximum: sessions.lockoutMaximum)
        part.recovers = storeRecovers
        part.outbox = outboxLimits
        part.retention.peopleUnseen = retention.peopleUnseen
        part.retention.sessions = retention.sessions
        part.retention.usage = retention.usage
        part.retention.securityEvents = retention.securityEvents
        part.webhooks.retention = retention.webhookEvents
        part.webhooks.deliversHere = webhooks.localDelivery
        part.auditRetention = auditRetention
        part.keepsCrops = templates.keepsCrops
        return part
    }
}

extension DaemonConfiguration.Camera {
    var forCapture: CameraConfiguration {
        let origin: CameraConfiguration.Source =
            switch source {
            case .device(let path): .device(path)
            case .replay(let path): .replay(path)
            }
        var camera = CameraConfiguration(
            name: name, source: origin, preferredSize: (width, height), preferredFrameRate: framesPerSecond,
            formatPreference: formats, controls: settings, loops: loops)
        camera.role = role
        camera.infrared = infrared
        camera.frozenAfter = frozenAfter
        camera.coveredAfter = coveredAfter
        camera.idle =
            switch idle {
            case .stream: .stream
            case .slow: .slow(framesPerSecond: idleFramesPerSecond)
            case .release: .release
            }
        camera.idleAfter = idleAfter
        camera.faceLight = followsFaces ? faceLight : nil
        camera.pin = pin
        camera.allowsVirtual = allowsVirtual
        return camera
    }
}
