import Capture
import EdgeCore
import Foundation

extension DaemonConfiguration {
    /// Reads the configuration with all that has a say in it, central too; relative paths are relative to the file's directory.
    ///
    /// Without `path` the standard file is read if it is there, else the defaults hold. Throws `configuration.invalid`
    /// with every problem, one a line.
    static func load(_ path: String?) throws(EdgeError) -> DaemonConfiguration {
        let own = try read(ConfigSource.load(path), base: ConfigSource.base(path))
        let parts = FleetLayer.load(from: own.storeDirectory).inForce(own)
        guard !parts.isEmpty else { return own }
        // What central sent keeps no device from starting: it is refused then, and the status says so.
        let layered = try? read(ConfigSource.load(path, fleet: parts), base: ConfigSource.base(path))
        return layered ?? own
    }

    /// Checks and converts what is written.
    static func read(_ source: ConfigSource, base: String) throws(EdgeError) -> DaemonConfiguration {
        let problems = ConfigProblems()
        let configuration = read(source.root, base: base, problems)
        guard problems.found.isEmpty else {
            let lines = problems.lines(source.places, file: source.files.first ?? "defaults")
            throw EdgeError(.configurationInvalid, lines.joined(separator: "\n"))
        }
        return configuration
    }

    /// The same; what is wrong goes to `problems`, and the defaults stand in for it.
    static func read(_ value: ConfigValue, base: String, _ problems: ConfigProblems) -> DaemonConfiguration {
        let root = ConfigSection(value, path: "", problems: problems)
        let paths = PathResolver(base: base)
        var configuration = DaemonConfiguration()
        configuration.readPlaces(root, paths)
        configuration.readHTTP(root.section("http"), paths)
        configuration.cameraProfiles = readProfiles(root.sections("camera_profiles"))
        configuration.cameras = readCameras(root.sections("cameras"), configuration.cameraProfiles, paths)
        configuration.readPreview(root.section("preview"))
        configuration.readOnAir(root.section("on_air"))
        configuration.readDecoder(root.section("decoder"), paths)
        configuration.readRecognition(root.section("recognition"), liveness: root.section("liveness"))
        configuration.readSessions(root.section("sessions"))
        configuration.readLimits(root.section("limits"))
        configuration.readWebhooks(root.section("webhooks"))
        configuration.readOutbox(root.section("outbox"))
        configuration.readConsent(root.section("consent"))
        configuration.readRetention(root.section("retention"))
        configuration.readCentral(root.section("central"), paths)
        configuration.readSync(root.section("sync"), paths)
        configuration.readTemplates(root.section("templates"))
        configuration.readRest(root)
        root.finish()
        return configuration
    }

    private mutating func readPlaces(_ root: ConfigSection, _ paths: PathResolver) {
        let environment = ProcessInfo.processInfo.environment
        let store = root.section("store")
        storeDirectory = paths.absolute(
            store.text("directory") ?? environment["STATE_DIRECTORY"] ?? storeDirectory)
        storeRecovers = store.flag("recover", default: true)
        let century = Duration.seconds(100 * 366 * 86_400)
        auditRetention = store.duration("audit_retention", in: Duration.seconds(86_400)...century)
        store.finish()
        readKeys(root.section("keys"), paths, credentials: environment["CREDENTIALS_DIRECTORY"])
        let models = root.section("models")
        modelsDirectory = paths.absolute(models.text("directory") ?? environment["EDGED_MODELS"] ?? modelsDirectory)
        models.finish()
    }

    private static func readCameras(
        _ sections: [ConfigSection], _ profiles: [CameraProfile], _ paths: PathResolver
    ) -> [Camera] {
        var names: Set<String> = []
        let read = sections.map { section -> (ConfigSection, Camera?) in
            defer { section.finish() }
            let device = section.text("device")
            let replay = section.text("replay")
            let name = section.text("name") ?? "camera"
            if !names.insert(name).inserted { section.problem("name", "\"\(name)\" is used twice") }
            let source: Camera.Source
            switch (device, replay) {
            case (let device?, nil):
                source = .device(device)
                if CameraSelector(device) == nil {
                    section.problem("device", "\"\(device)\" is no path and no \(CameraSelector.forms)")
                }
            case (nil, let replay?): source = .replay(paths.absolute(replay))
            default:
                section.problem("device", "give either device or replay")
                // The other keys are known all the same.
                _ = readCamera(section, name: name, source: .device(""))
                _ = readProfile(section, profiles)
                return (section, nil)
            }
            var camera = readCamera(section, name: name, source: source)
            camera.profile = readProfile(section, profiles)
            return (section, camera)
        }
        let cameras = read.compactMap { section, camera in camera.map { (section, $0) } }
        // Which of those that are wrong in themselves belong together is not to be said.
        return cameras.count == sections.count ? paired(cameras) : cameras.map(\.1)
    }

    private static func readCamera(_ section: ConfigSection, name: String, source: Camera.Source) -> Camera {
        var camera = Camera(name: name, source: source)
        camera.role = section.text("role")
        camera.infrared = section.text("infrared")
        camera.width = section.integer("width", in: 64...7680) ?? camera.width
        camera.height = section.integer("height", in: 64...4320) ?? camera.height
        camera.framesPerSecond = section.integer("fps", in: 1...240)
        camera.formats = section.texts("formats") ?? camera.formats
        for format in camera.formats where !["MJPG", "YUYV", "NV12", "GREY"].contains(format) {
            section.problem("formats", "\"\(format)\" is not one of MJPG, YUYV, NV12, GREY")
        }
        camera.controls = readControls(section)
        camera.loops = section.flag("loops", default: true)
        camera.frozenAfter = section.durationOrOff(
            "frozen_after", in: .seconds(2)...(.seconds(3600)), default: camera.frozenAfter)
        camera.coveredAfter = section.durationOrOff(
            "covered_after", in: .seconds(2)...(.seconds(86_400)), default: camera.coveredAfter)
        readIdle(section, &camera)
        readFaceLight(section, &camera)
        camera.allowsVirtual = section.flag("allow_virtual", default: false)
        camera.pin = section.inlineTable("pin").map(readPin)
        return camera
    }

    private static func readPin(_ section: ConfigSection) -> CameraPin {
        defer { section.finish() }
        let pin = CameraPin(
            driver: section.text("driver"), card: section.text("card"), usb: section.text("usb"),
            port: section.text("port"), bus: section.text("bus"))
        if pin == CameraPin() { section.problem("driver", "pin at least one of driver, usb, port, bus and card") }
        return pin
    }

    private mutating func readRecognition(_ section: ConfigSection, liveness section2: ConfigSection) {
        recognition.threads = section.integer("threads", in: 1...64)
        recognition.verificationFMR = section.number("verification_fmr", in: 1e-8...1e-2) ?? 1e-5
        recognition.identificationFMR = section.number("identification_fmr", in: 1e-8...1e-2) ?? 1e-5
        section.finish()
        liveness.policy = section2.choice("policy", default: .passive)
        // Below -2 phone replays begin to pass: see docs/threat-model.md.
        liveness.thresholdLogit = section2.number("threshold_logit", in: -2...10) ?? liveness.thresholdLogit
        let standard = Liveness()
        liveness.infrared = section2.choice("infrared", default: standard.infrared)
        liveness.infraredOffset = section2.number("infrared_offset", in: 0.01...0.5) ?? standard.infraredOffset
        liveness.infraredScale = section2.number("infrared_scale", in: 1.05...4) ?? standard.infraredScale
        section2.finish()
    }

    private mutating func readSessions(_ section: ConfigSection) {
        let standard = Sessions()
        sessions.timeToLive = section.duration("ttl", in: .seconds(1)...Duration.seconds(86400)) ?? standard.timeToLive
        sessions.targetSamples = section.integer("target_samples", in: 1...10) ?? standard.targetSamples
        sessions.minFrames = section.integer("min_frames", in: 1...20) ?? standard.minFrames
        sessions.maxUsableFrames = section.integer("max_usable_frames", in: 1...100) ?? standard.maxUsableFrames
        sessions.maxUploadFrames = section.integer("max_upload_frames", in: 1...10000) ?? standard.maxUploadFrames
        sessions.maxCameraFrames = section.integer("max_camera_frames", in: 1...100_000) ?? standard.maxCameraFrames
        sessions.decisionTimeout =
            section.duration("decision_timeout", in: .seconds(1)...Duration.seconds(3600)) ?? standard.decisionTimeout
        sessions.maxOpenPerClient = section.integer("max_open_per_client", in: 1...100_000) ?? standard.maxOpenPerClient
        sessions.duplicates = section.choice("duplicates", default: .refuse)
        sessions.lockoutMisses = section.integer("lockout_misses", in: 0...1000) ?? standard.lockoutMisses
        let lockoutRange = Duration.seconds(1)...Duration.seconds(86400)
        sessions.lockoutFirst = section.duration("lockout_first", in: lockoutRange) ?? standard.lockoutFirst
        sessions.lockoutMaximum = section.duration("lockout_maximum", in: lockoutRange) ?? standard.lockoutMaximum
        section.finish()
        checkSessions(section)
    }

    /// What each key allows alone may still lock everybody out together.
    private func checkSessions(_ section: ConfigSection) {
        if sessions.minFrames > sessions.maxUsableFrames {
            section.problem("min_frames", "must not be above max_usable_frames")
        }
        if sessions.maxUsableFrames > sessions.maxUploadFrames || sessions.maxUsableFrames > sessions.maxCameraFrames {
            section.problem("max_usable_frames", "must not be above max_upload_frames or max_camera_frames")
        }
        if liveness.policy.needsPassive, sessions.maxUsableFrames < Self.passiveOpinions {
            section.problem(
                "max_usable_frames", "must be at least \(Self.passiveOpinions): passive liveness needs that many frames"
            )
        }
        if sessions.lockoutFirst > sessions.lockoutMaximum {
            section.problem("lockout_first", "must not be above lockout_maximum")
        }
    }

    /// Frames with an opinion that the passive nets must have seen before a session may succeed.
    private static let passiveOpinions = 5

    private mutating func readRest(_ root: ConfigSection) {
        let log = root.section("log")
        logLevel = log.choice("level", default: .info)
        log.finish()
    }

    /// Credentials go to the central server: in plain text at most to this very machine.
    static func isSafe(_ central: String) -> Bool {
        guard let url = URL(string: central), let host = url.host() else { return false }
        return url.scheme == "https" || (url.scheme == "http" && host == "127.0.0.1")
    }
}
