import Capture
import EdgeCore

/// What cameras do while nobody reads them, and for the light on faces while somebody does.
extension DaemonConfiguration {
    static func readIdle(_ section: ConfigSection, _ camera: inout Camera) {
        camera.idle = section.choice("idle", default: .stream)
        // For less a session that follows another would find the device closed.
        camera.idleAfter = section.duration("idle_after", in: .seconds(5)...(.seconds(86_400))) ?? camera.idleAfter
        camera.idleFramesPerSecond = section.integer("idle_fps", in: 1...10) ?? camera.idleFramesPerSecond
    }

    static func readFaceLight(_ section: ConfigSection, _ camera: inout Camera) {
        camera.followsFaces = section.flag("face_exposure", default: false)
        let standard = camera.faceLight
        camera.faceLight.brightness = section.integer("face_brightness", in: 60...200) ?? standard.brightness
        camera.faceLight.longestExposure =
            section.duration("face_exposure_max", in: .milliseconds(1)...(.seconds(1))) ?? standard.longestExposure
        camera.faceLight.mostGain = section.integer("face_gain_max", in: 1...65_535)
    }
}

extension DaemonConfiguration.Camera {
    var restRows: [(String, String?)] {
        [
            ("idle", idle.rawValue), ("idle_after", "\(idleAfter.components.seconds)s"),
            ("idle_fps", "\(idleFramesPerSecond)"), ("face_exposure", "\(followsFaces)"),
            ("face_brightness", "\(faceLight.brightness)"),
            ("face_exposure_max", "\(Int(faceLight.longestExposure / .milliseconds(1)))ms"),
            ("face_gain_max", faceLight.mostGain.map { "\($0)" }),
        ]
    }
}
