import EdgeCore
import FoundationEssentials
import Glibc

/// The video devices of this machine.
public enum CameraCatalog {
    /// All of `/dev/video*` in the order of their numbers, with what they offer.
    ///
    /// Looking disturbs no camera that streams. It blocks for some milliseconds a device.
    public static func devices() -> [CameraDescription] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []
        let numbers = names.compactMap { $0.hasPrefix("video") ? Int($0.dropFirst("video".count)) : nil }.sorted()
        guard !numbers.isEmpty else { return [] }
        let links = links()
        let nodes = VideoNode.all()
        return numbers.map { number in
            let path = "/dev/video\(number)"
            var description = describe(path)
            description.links = links[path] ?? []
            description.selectors = nodes.first { $0.path == path }?.selectors.map(\.description) ?? []
            return description
        }
    }

    private static func describe(_ path: String) -> CameraDescription {
        var description = CameraDescription(path: path)
        do throws(EdgeError) {
            let device = try VideoDevice(path: path)
            description.card = device.card
            description.driver = device.driver
            description.bus = device.bus
            description.isCamera = device.isCamera
            guard device.isCamera else { return description }
            description.formats = device.formats(
                near: FormatWish(width: 640, height: 480, framesPerSecond: nil, preference: []))
            description.controls = device.controls()
        } catch {
            description.problem = error.description
        }
        return description
    }

    /// The lasting names of each device file.
    private static func links() -> [String: [String]] {
        var links: [String: [String]] = [:]
        for folder in ["/dev/v4l/by-id", "/dev/v4l/by-path"] {
            for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() {
                guard let resolved = realpath("\(folder)/\(name)", nil) else { continue }
                links[String(cString: resolved), default: []].append("\(folder)/\(name)")
                free(resolved)
            }
        }
        return links
    }
}
