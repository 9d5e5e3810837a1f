import EdgeCore
import Foundation

/// Everything that can be configured; read once at start, never changed afterwards.
struct DaemonConfiguration: Equatable, Sendable {
    struct HTTP: Equatable, Sendable {
        var host = "127.0.0.1"
        var port = 8080
        var controlSocket = ""
    }

    struct Camera: Equatable, Sendable {
        enum Source: Equatable, Sendable {
            case device(String)
            case replay(String)
        }
        var name: String
        var source: Source
        var width = 640
        var height = 480
        var framesPerSecond: Int?
        var formats = ["MJPG", "YUYV", "NV12", "GREY"]
        var controls: [String: Int] = [:]
        var loops = true
    }

    struct Recognition: Equatable, Sendable {
        var threads: Int?
        var verificationFMR = 1e-5
        var identificationFMR = 1e-5
    }

    struct Liveness: Equatable, Sendable {
        var policy = LivenessPolicy.passive
        var thresholdLogit = -1.5
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
    var modelsDirectory = "/usr/share/edged/models"
    var cameras: [Camera] = []
    var recognition = Recognition()
    var liveness = Liveness()
    var sessions = Sessions()
    var centralURL: String?
    var logLevel = LogLevel.info

    /// Where the sealing key lies: beside the store, one file, 0600.
    var keyFile: String { storeDirectory + "/keys/key-encryption.key" }
}
