import Capture
import EdgeCore
import Foundation

/// What somebody far away needs to help, and nothing about anybody: no picture, template, name, key or token.
struct SupportBundle {
    /// A file of the archive.
    struct Part: Sendable {
        var name: String
        var text: String
    }

    static let journalLines = 5000

    let common: CommonOptions
    private let redaction = Redaction()

    init(common: CommonOptions) { self.common = common }

    /// The files, each through the redaction.
    func parts() async throws(EdgeError) -> [Part] {
        var parts = [
            Part(name: "README.txt", text: Self.readme),
            Part(name: "doctor.txt", text: await Doctor(common: common).examine().map(\.line).joined(separator: "\n")),
            Part(name: "machine.txt", text: machine),
        ]
        if let configuration = try? common.configuration() {
            let rows = configuration.entries.map { "\($0.key) = \($0.value)" }
            parts.append(Part(name: "configuration.txt", text: rows.joined(separator: "\n")))
            parts.append(Part(name: "cameras.json", text: try cameras(configuration)))
            let status = try? await ControlClient(socketPath: configuration.http.controlSocket).get("/status")
            let text = status.map { String(decoding: $0, as: UTF8.self) } ?? "no answer"
            parts.append(Part(name: "status.json", text: text))
            parts.append(Part(name: "store.txt", text: files(below: configuration.storeDirectory)))
        } else {
            let problems = ConfigProblemText.of(common)
            parts.append(Part(name: "configuration.txt", text: problems))
        }
        for unit in ["edged", "edged-central"] {
            let words = ["--unit=\(unit)", "--no-pager", "--output=short-iso-precise", "--lines=\(Self.journalLines)"]
            parts.append(Part(name: "journal-\(unit).txt", text: Tool.output("journalctl", words) ?? "not readable"))
            parts.append(
                Part(name: "unit-\(unit).txt", text: Tool.output("systemctl", ["show", unit]) ?? "no systemd"))
        }
        return parts.map { Part(name: $0.name, text: redaction.text($0.text) + "\n") }
    }

    /// Writes them as one archive; throws `request.invalid` where the file cannot be made or is there already.
    func write(to path: String) async throws(EdgeError) -> [Part] {
        let manager = FileManager.default
        guard !manager.fileExists(atPath: path) else {
            throw EdgeError(.requestInvalid, "\(path) is there already", field: "out")
        }
        let parts = try await parts()
        let folder = manager.temporaryDirectory.appending(path: "edged-support-\(UUID().uuidString)")
        let inner = folder.appending(path: "edged-support")
        defer { try? manager.removeItem(at: folder) }
        do {
            try manager.createDirectory(
                at: inner, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for part in parts { try Data(part.text.utf8).write(to: inner.appending(path: part.name)) }
        } catch { throw EdgeError(.requestInvalid, "\(folder.path) cannot be written", field: "out") }
        let words = ["--create", "--gzip", "--owner=0", "--group=0", "--directory=\(folder.path)", "--file=\(path)"]
        guard manager.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let (status, _) = Tool.run("tar", words + ["edged-support"]), status == 0
        else {
            try? manager.removeItem(atPath: path)
            throw EdgeError(.requestInvalid, "\(path) cannot be written", field: "out")
        }
        return parts
    }

    private var machine: String {
        let system = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let memory = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        return [
            "edged \(EdgedVersion.current)", Tool.output("uname", ["-srmo"]) ?? "", system,
            "processors \(ProcessInfo.processInfo.processorCount)",
            memory.split(separator: "\n").prefix(3).joined(separator: "\n"),
            Tool.output("df", ["-h", "--output=fstype,size,avail,pcent,target"]) ?? "",
            Tool.output("timedatectl", ["status"]) ?? "", Tool.output("lsusb", []) ?? "",
        ].joined(separator: "\n\n")
    }

    private func cameras(_ configuration: DaemonConfiguration) throws(EdgeError) -> String {
        let explained = configuration.cameras.map { CameraExplanation(of: $0.forCapture) }
        let devices = try ControlJSON.encode(CameraCatalog.devices())
        return String(decoding: try ControlJSON.encode(explained) + [0x0a] + devices, as: UTF8.self)
    }

    /// Names, sizes, owners and modes; what is in them stays.
    private func files(below directory: String) -> String {
        // Under systemd the directory is a link. What cannot be read of it says nothing about the rest.
        let words = ["-H", directory, "-xdev", "-printf", "%M %u %s %TY-%Tm-%Td %TH:%TM %P\\n"]
        return Tool.run("find", words).map { String(decoding: $0.output, as: UTF8.self) } ?? "not readable"
    }

    private static let readme = """
        What `edged support-bundle` collected. Look through it before you send it: it holds no pictures, templates, names,
        keys or tokens, but the names of this machine, its cameras and its network.
        """
}

/// What is wrong with a configuration that cannot be read.
enum ConfigProblemText {
    static func of(_ common: CommonOptions) -> String {
        do throws(EdgeError) {
            _ = try common.configuration()
            return ""
        } catch { return error.detail }
    }
}
