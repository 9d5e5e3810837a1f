import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import edged

@Suite("Where the configuration is written")
struct ConfigSourceTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var main: String { directory.path("edged.toml") }

    private func write(_ text: String, to name: String = "edged.toml") throws {
        let file = URL(filePath: directory.path(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func load(_ environment: [String: String] = [:], _ name: String = "edged.toml") throws -> ConfigSource {
        try ConfigSource.load(directory.path(name), environment: environment)
    }

    private func read(_ source: ConfigSource) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(source, base: directory.url.path)
    }

    private func problems(_ source: ConfigSource) -> [String] {
        do {
            _ = try read(source)
            return []
        } catch let error as EdgeError {
            return error.detail.split(separator: "\n").map {
                String($0).replacingOccurrences(of: directory.url.path + "/", with: "")
            }
        } catch {
            return ["\(error)"]
        }
    }

    @Test("files in conf.d come after the file, in the order of their names, key by key")
    func parts() throws {
        try write("[sessions]\nttl = \"1m\"\ntarget_samples = 4\n[log]\nlevel = \"debug\"")
        try write("[sessions]\nttl = \"2m\"\nmin_frames = 2", to: "conf.d/20-door.toml")
        try write("[sessions]\nttl = \"3m\"", to: "conf.d/30-site.toml")
        let source = try load()
        let configuration = try read(source)
        #expect(configuration.sessions.timeToLive == .seconds(180))
        #expect(configuration.sessions.targetSamples == 4 && configuration.sessions.minFrames == 2)
        #expect(configuration.logLevel == .debug)
        #expect(
            source.files.map { URL(filePath: $0).lastPathComponent } == ["edged.toml", "20-door.toml", "30-site.toml"])
        #expect(source.places["sessions.ttl"]?.description == directory.path("conf.d/30-site.toml") + ":2")
        #expect(source.places["sessions.target_samples"]?.description == main + ":3")
    }

    @Test("what an editor leaves in conf.d is not read")
    func leftovers() throws {
        try write("")
        for name in ["a.toml~", ".a.toml", "a.toml.bak", "README"] { try write("nonsense = ", to: "conf.d/\(name)") }
        #expect(try read(load()) == read(ConfigSource()))
    }

    @Test("another daemon's file in the same directory has a directory of its own")
    func otherFile() throws {
        try write("", to: "central.toml")
        try write("[log]\nlevel = \"error\"", to: "conf.d/a.toml")
        #expect(try read(load([:], "central.toml")).logLevel == .info)
        try write("[log]\nlevel = \"warning\"", to: "central.toml.d/a.toml")
        #expect(try read(load([:], "central.toml")).logLevel == .warning)
    }

    @Test("a camera of the same name is changed by a later file, another one is added")
    func cameras() throws {
        try write("[[cameras]]\nname = \"door\"\ndevice = \"/dev/video0\"\nfps = 15")
        try write(
            "[[cameras]]\nname = \"gate\"\ndevice = \"/dev/video1\"\n[[cameras]]\nname = \"door\"\nwidth = 99999",
            to: "conf.d/a.toml")
        #expect(problems(try load()) == ["conf.d/a.toml:6: cameras[0].width: must be between 64 and 7680"])
        try write(
            "[[cameras]]\nname = \"gate\"\ndevice = \"/dev/video1\"\n[[cameras]]\nname = \"door\"\nwidth = 1280",
            to: "conf.d/a.toml")
        let cameras = try read(load()).cameras
        #expect(cameras.map(\.name) == ["door", "gate"])
        #expect(cameras[0].width == 1280 && cameras[0].framesPerSecond == 15)
    }

    @Test("a list in a later file replaces the earlier one whole")
    func lists() throws {
        try write("[http]\nallowed_origins = [\"https://a.example\", \"https://b.example\"]")
        try write("[http]\nallowed_origins = [\"https://c.example\"]", to: "conf.d/a.toml")
        #expect(try read(load()).http.allowedOrigins == ["https://c.example"])
    }

    @Test("the environment comes last: of a container it can say everything but cameras")
    func environment() throws {
        try write("[sessions]\nttl = \"1m\"")
        let source = try load([
            "EDGED__SESSIONS__TTL": "5m", "EDGED__HTTP__LAN__LISTEN": "0.0.0.0:9443",
            "EDGED__CONSENT__REQUIRED": "true", "EDGED__HTTP__ALLOWED_ORIGINS": "[\"https://a.example\"]",
            "EDGED_MODELS": "/elsewhere", "HOME": "/root",
        ])
        let configuration = try read(source)
        #expect(configuration.sessions.timeToLive == .seconds(300))
        #expect(configuration.http.lan?.port == 9443)
        #expect(configuration.consent.isRequired)
        #expect(configuration.http.allowedOrigins == ["https://a.example"])
    }

    @Test("a variable that names no key is told by its name")
    func wrongVariable() throws {
        try write("")
        #expect(
            problems(try load(["EDGED__SESSIONS__TLL": "5m"])) == [
                "the environment's EDGED__SESSIONS__TLL: sessions.tll: unknown key; did you mean \"ttl\"?"
            ])
        #expect(throws: EdgeError.self) { try load(["EDGED__SESSIONS____TTL": "5m"]) }
    }

    @Test("every problem of every file is told with its line")
    func places() throws {
        try write(
            """
            # comment
            colour = "red"

            [http]
              listen = "nonsense"
            [liveness]
            policy = "maybe"   # [not] = "a table"
            [sessions]
            "ttl" = "forever"
            [[cameras]]
            device = "/dev/video0"
            formats = [
              "MJPG", # ]
              "H264",
            ]
            controls = { brightness = 1 }
            fps = 0
            [[cameras]]
            name = \"\"\"
            [x]
            b = 1\"\"\"
            width = 640
            """)
        try write("[sessions]\ntarget_sample = 3", to: "conf.d/a.toml")
        #expect(
            problems(try load()).sorted() == [
                "conf.d/a.toml:2: sessions.target_sample: unknown key; did you mean \"target_samples\"?",
                "edged.toml:12: cameras[0].formats: \"H264\" is not one of MJPG, YUYV, NV12, GREY",
                "edged.toml:17: cameras[0].fps: must be between 1 and 240",
                "edged.toml:18: cameras[1].device: give either device or replay",
                "edged.toml:2: colour: unknown key",
                "edged.toml:5: http.listen: must be HOST:PORT, for example \"127.0.0.1:8080\"",
                "edged.toml:7: liveness.policy: must be one of off, passive, active, strict",
                "edged.toml:9: sessions.ttl: must be a duration such as \"30s\"",
            ])
    }

    @Test("text that is no TOML is told with its file and line")
    func syntax() throws {
        try write("[http]\nlisten = ")
        #expect { try load() } throws: { error in
            (error as? EdgeError)?.detail.hasPrefix("\(main):2: ") == true
        }
    }
}
