import EdgeCore
import Glibc

/// Where a camera was when its device was closed, so that it is noticed when it goes or another takes its place.
///
/// Nothing is opened for it.
struct DevicePlace {
    private let device: String
    private let before: VideoNode?

    /// Remembers which device a configuration's text means now.
    init(of device: String) {
        self.device = device
        before = try? Self.node(of: device)
    }

    /// Whether the same device is meant and there.
    var isAsItWas: Bool {
        do throws(EdgeError) { return try Self.node(of: device) == before } catch { return false }
    }

    /// `nil` for a device that the kernel lists nowhere where it could be seen, as in a container.
    private static func node(of device: String) throws(EdgeError) -> VideoNode? {
        let nodes = VideoNode.all()
        let file = try CameraSelector.deviceFile(of: device)
        // A lasting name leads to the device file.
        guard let resolved = realpath(file, nil) else { throw EdgeError(.cameraMissing, "\(file) is not there.") }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return nodes.first { $0.path == path }
    }
}
