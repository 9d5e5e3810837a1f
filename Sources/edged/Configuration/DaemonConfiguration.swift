import Capture
import EdgeCore
import Foundation
import Vault

/// Everything that can be configured; read once at start, never changed afterwards.
struct DaemonConfiguration: Equatable, Sendable {
    struct HTTP: Equatable, Sendable {
        var host = "127.0.0.1"
        var port = 8080
        var controlSocket = ""
        /// A Unix socket for the API itself.
        var socket: String?
        var lan: LAN?
        /// The directory with the viewers of the API's document.
        var assets = "/usr/share/edged/www"
        /// Origins whose pages may call the API.
        var allowedOrigins: [String] = []
    }

    /// The listener for other machines.
    struct LAN: Equatable, Sendable {
        enum Protection: Equatable, Sendable {
            /// TLS with a certificate that the device makes, for these names too.
            case ownCertificate(names: [CertificateName])
            /// TLS with a certificate that somebody else made.
            case certificate(file: String, key: String)
            /// Nothing.
            case plainText
        }
        var host: String
        var port: Int
        var protection: Protection
    }

    struct Camera: Equatable, Sendable {
        enum Source: Equatable, Sendable {
            case device(String)
            case replay(String)
        }
        enum Idle: String, CaseIterable, Sendable { case stream, slow, release }
        var name: String
        /// What it is there for, by which sessions may ask for it too.
        var role: String?
        /// The name of the infrared camera beside it.
        var infrared: String?
        var source: Source
        var width = 640
        var height = 480
        var framesPerSecond: Int?
        var formats = ["MJPG", "YUYV", "NV12", "GREY"]
        /// What many cameras share; ``controls`` go before it.
        var profile: CameraProfile?
        var controls: [String: ControlValue] = [:]
        var loops = true
        /// How long a device may go without a new picture; `nil` for ever.
        var frozenAfter: Duration? = .seconds(5)
        /// How long a device may show nothing; `nil` for ever.
        var coveredAfter: Duration? = .seconds(10)
        /// What it does while nobody reads it, from when on, and at what rate when slow.
        var idle = Idle.stream
        var idleAfter = Duration.seconds(30)
        var idleFramesPerSecond = 2
        /// Whether exposure and gain follow the brightness of faces, and how far.
        var followsFaces = false
        var faceLight = FaceLightRule()
        /// What the device must be.
        var pin: CameraPin?
        /// Whether the device may be a program.
        var allowsVirtual = false
    }

    /// Settings of controls that cameras refer to by name.
    struct CameraProfile: Equatable, Sendable {
        var name: String
        var controls: [String: ControlValue]
    }

    /// Where pictures of uploads and cameras are decoded.
    struct Decoder: Equatable, Sendable {
        enum Isolation: String, CaseIterable, Sendable { case off, socket }
        var isolation = Isolation.off
        var socket = "/run/edged-decoder.sock"
    }

    struct Recognition: Equatable, Sendable {
        var threads: Int?
        var verificationFMR = 1e-5
        var identificationFMR = 1e-5
    }

    struct Liveness: Equatable, Sendable {
        var policy = LivenessPolicy.passive
        var thresholdLogit = -1.5
        /// When the infrared camera beside a camera has a say.
        var infrared = InfraredPolicy.whenPaired
        /// How far the two may disagree about where a face is, and how large.
        var infraredOffset = 0.15
        var infraredScale = 1.6
    }

    struct Sessions: Equatable, Sendable {
        enum DuplicatePolicy: String, CaseIterable, Sendable { case refuse, warn, allow }
        var timeToLive = Duration.seconds(600)
        var targetSamples = 3
        var minFrames = 3
        var maxUsableFrames = 10
        var maxUploadFrames = 60
        var maxCameraFrames = 600
        var decisionTimeout = Duration.seconds(15)
        var maxOpenPerClient = 100
        var duplicates = DuplicatePolicy.refuse
        var lockoutMisses = 5
        var lockoutFirst = Duration.seconds(30)
        var lockoutMaximum = Duration.seconds(3600)
    }

    enum LogLevel: String, CaseIterable, Sendable { case debug, info, notice, warning, error }

    var http = HTTP()
    var storeDirectory = "/var/lib/edged"
    /// Whether a damaged store is mended at the start.
    var storeRecovers = true
    /// How long audit lines are kept; `nil` for ever.
    var auditRetention: Duration?
    var keys = Keys()
    var modelsDirectory = "/usr/share/edged/models"
    var cameras: [Camera] = []
    var cameraProfiles: [CameraProfile] = []
    /// Who may look through them.
    var preview = PreviewRules()
    /// Sets the sign beside the cameras.
    var onAir: OnAirCommand?
    var decoder = Decoder()
    var recognition = Recognition()
    var liveness = Liveness()
    var sessions = Sessions()
    var limits = Limits()
    var webhooks = Webhooks()
    var outbox = Outbox()
    var consent = Consent()
    var retention = Retention()
    var templates = Templates()
    var centralURL: String?
    var central = Central()
    var sync = Sync()
    var logLevel = LogLevel.info

    /// Where the sealing key lies: beside the store, one file, 0600.
    var keyFile: String { storeDirectory + "/keys/key-encryption.key" }

    /// Where the device keeps a certificate that it made itself.
    var certificateDirectory: String { storeDirectory + "/tls" }

    /// Where the device keeps the certificate that it shows central.
    var linkDirectory: String { storeDirectory + "/link" }
}
