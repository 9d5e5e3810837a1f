import EdgeCore
import Foundation
import Glibc
import Recognition

/// What can be seen of the machine without the daemon.
struct MachineExam {
    /// A store's file system with less than this is about to be full.
    static let scarceBytes: Int64 = 512 << 20
    static let emptyBytes: Int64 = 64 << 20

    let configuration: DaemonConfiguration

    var findings: [Finding] { [permissions, disk, models, clock, network] }

    // MARK: Files

    /// Whether something is there, as far as this account can tell.
    enum Presence {
        case there, missing
        /// A directory on the way is closed to this account.
        case hidden

        init(of path: String) {
            guard access(path, F_OK) != 0 else {
                self = .there
                return
            }
            self = errno == EACCES ? .hidden : .missing
        }
    }

    private var permissions: Finding {
        let configured = configuration.storeDirectory
        switch Presence(of: configured) {
        case .there: break
        case .missing:
            return Finding(.permissions, .note, "\(configured) is not there yet; the first start makes it.")
        case .hidden:
            return Finding(.permissions, .unknown, "\(configured) cannot be looked at.", fix: "run this as root")
        }
        // Under systemd it is a link into a directory that is root's alone.
        let directory = URL(filePath: configured).resolvingSymlinksInPath().path
        let manager = FileManager.default
        guard let facts = try? manager.attributesOfItem(atPath: directory), access(directory, R_OK | X_OK) == 0 else {
            return Finding(.permissions, .unknown, "\(directory) cannot be looked at.", fix: "run this as root")
        }
        let files = [directory, directory + "/keys", configuration.keyFile].filter {
            manager.fileExists(atPath: $0)
        }
        let open = files.filter { Self.isOpenToOthers($0) }
        guard open.isEmpty else {
            return Finding(
                .permissions, .bad, "Others may look into \(open.joined(separator: ", ")).",
                fix: "chmod go= \(open.joined(separator: " "))")
        }
        let owner = facts[.ownerAccountID] as? Int
        let strays = files.filter { (try? manager.attributesOfItem(atPath: $0))?[.ownerAccountID] as? Int != owner }
        guard strays.isEmpty else {
            return Finding(
                .permissions, .bad, "Another user than the store's owns \(strays.joined(separator: ", ")).",
                fix: "chown --reference=\(directory) \(strays.joined(separator: " "))")
        }
        return Finding(.permissions, .good, "\(directory) and its keys are the daemon's alone.")
    }

    private static func isOpenToOthers(_ path: String) -> Bool {
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        return (facts?[.posixPermissions] as? Int).map { $0 & 0o077 != 0 } ?? false
    }

    private var disk: Finding { Self.disk(of: configuration.storeDirectory) }

    /// How much room there is for what lies in a directory.
    static func disk(of directory: String) -> Finding {
        let place = FileManager.default.fileExists(atPath: directory) ? directory : "/"
        guard let facts = try? FileManager.default.attributesOfFileSystem(forPath: place),
            let free = facts[.systemFreeSize] as? Int64
        else { return Finding(.disk, .unknown, "The file system of \(directory) cannot be looked at.") }
        return disk(free: free, of: directory, kind: fileSystem(of: place))
    }

    static func disk(free: Int64, of directory: String, kind: String?) -> Finding {
        let mebibytes = free >> 20
        if free < emptyBytes {
            return Finding(.disk, .bad, "\(mebibytes) MiB are free for \(directory).", fix: "make room on the disk")
        }
        if let kind, ["tmpfs", "ramfs", "overlay"].contains(kind) {
            return Finding(
                .disk, .warning, "\(directory) lies on \(kind): it may be gone after the next start.",
                fix: "put it on a disk, or a volume that stays")
        }
        return free < scarceBytes
            ? Finding(.disk, .warning, "\(mebibytes) MiB are free for \(directory).", fix: "make room on the disk")
            : Finding(.disk, .good, "\(mebibytes) MiB are free for \(directory).")
    }

    /// The kind of the file system that a path lies on; `nil` where the system does not say it.
    private static func fileSystem(of path: String) -> String? {
        guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return nil }
        return kind(ofFileSystemAt: URL(filePath: path).resolvingSymlinksInPath().path, mounts)
    }

    /// The last one mounted of those that are nearest.
    static func kind(ofFileSystemAt path: String, _ mounts: String) -> String? {
        var best: (length: Int, kind: String)?
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2 else { continue }
            let place = String(words[1])
            let isAbove = place == "/" || path == place || path.hasPrefix(place + "/")
            if isAbove, place.count >= best?.length ?? 0 { best = (place.count, String(words[2])) }
        }
        return best?.kind
    }

    // MARK: Models

    private var models: Finding {
        let directory = configuration.modelsDirectory
        do throws(EdgeError) {
            let model = try InstalledModels.standard(in: directory)
            return Finding(.models, .good, "People are recognised by \(model.id) \(model.version) of \(directory).")
        } catch {
            return Finding(
                .models, .bad, "\(directory): \(error.detail) [\(error.code.rawValue)]", fix: error.code.remedy)
        }
    }

    // MARK: Clock and network

    private var clock: Finding {
        guard let told = Tool.output("timedatectl", ["show", "--property=NTPSynchronized", "--value"]) else {
            return Finding(.clock, .unknown, "Nobody can tell whether a time server sets the clock.")
        }
        return told == "yes"
            ? Finding(.clock, .good, "A time server sets the clock.")
            : Finding(
                .clock, .warning, "No time server sets the clock: records have times that nobody vouches for.",
                fix: "timedatectl set-ntp true, or a time server that can be reached")
    }

    private var network: Finding {
        let four = (try? String(contentsOfFile: "/proc/net/route", encoding: .utf8)) ?? ""
        let six = (try? String(contentsOfFile: "/proc/net/ipv6_route", encoding: .utf8)) ?? ""
        return Self.hasDefaultRoute(four, six)
            ? Finding(.network, .good, "There is a way out of this network.")
            : Finding(
                .network, .note, "There is no default route: only what is near can be reached. The door works without.")
    }

    /// By `/proc/net/route` and `/proc/net/ipv6_route`.
    static func hasDefaultRoute(_ four: String, _ six: String) -> Bool {
        let byFour = four.split(separator: "\n").dropFirst().contains { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            return words.count > 7 && words[1] == "00000000" && words[7] == "00000000"
        }
        let bySix = six.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            guard words.count > 9, words[1] == "00", words[9] != "lo" else { return false }
            return words[0].allSatisfy { $0 == "0" } && words[4].contains { $0 != "0" }
        }
        return byFour || bySix
    }
}
