import EdgeCore

/// Which camera is meant: a device file, or what the camera is, whatever its number.
public enum CameraSelector: Sendable, Equatable {
    /// `/dev/video0`, or a name below `/dev/v4l/by-id` or `/dev/v4l/by-path`.
    case file(String)
    /// `usb:VENDOR:PRODUCT[:SERIAL]`, the numbers in hexadecimal digits as `lsusb` prints them.
    case usb(vendor: UInt16, product: UInt16, serial: String?)
    /// `path:PORT`: whatever is plugged into this USB port, for example `1-1.2`.
    case port(String)
    /// `driver:NAME`, for example `uvcvideo`.
    case driver(String)
    /// `name:CARD`: the camera's own name.
    case name(String)

    /// How selectors are written, for messages.
    public static let forms = "usb:VENDOR:PRODUCT[:SERIAL], path:PORT, driver:NAME or name:CARD"

    /// Reads a selector as a configuration writes it; `nil` when it is none.
    public init?(_ text: String) {
        if text.hasPrefix("/") {
            self = .file(text)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        let value = String(parts[1])
        switch parts[0] {
        case "usb":
            guard let usb = Self.usb(value) else { return nil }
            self = usb
        case "path": self = .port(value)
        case "driver": self = .driver(value)
        case "name": self = .name(value)
        default: return nil
        }
    }

    private static func usb(_ value: String) -> CameraSelector? {
        // A serial number may have colons of its own.
        let parts = value.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].count == 4, parts[1].count == 4,
            let vendor = UInt16(parts[0], radix: 16), let product = UInt16(parts[1], radix: 16),
            parts.count == 2 || !parts[2].isEmpty
        else { return nil }
        return .usb(vendor: vendor, product: product, serial: parts.count == 3 ? String(parts[2]) : nil)
    }

    /// The device file that a configuration's text means now; the number that a camera has is the kernel's choice.
    static func deviceFile(of text: String) throws(EdgeError) -> String {
        guard let selector = CameraSelector(text) else {
            throw EdgeError(.cameraMissing, "\(text) is no path and no \(forms).")
        }
        return try selector.deviceFile(among: VideoNode.all())
    }

    /// The device file of the camera that is meant, among the nodes that there are now.
    ///
    /// Throws `capture.device.missing` when none fits, `capture.device.ambiguous` when several cameras do.
    func deviceFile(among nodes: @autoclosure () -> [VideoNode]) throws(EdgeError) -> String {
        if case .file(let path) = self { return path }
        let fitting = nodes().filter(fits)
        // A camera may have several nodes; the first is the one with pictures.
        let cameras = Dictionary(grouping: fitting, by: \.device).values.compactMap { $0.min { $0.index < $1.index } }
        guard let camera = cameras.first else { throw EdgeError(.cameraMissing, "No camera fits \(self).") }
        guard cameras.count == 1 else {
            let paths = cameras.map(\.path).sorted().joined(separator: ", ")
            throw EdgeError(.cameraAmbiguous, "\(self) fits \(paths).")
        }
        return camera.path
    }

    private func fits(_ node: VideoNode) -> Bool {
        switch self {
        case .file(let path): node.path == path
        case .usb(let vendor, let product, let serial):
            node.usb.map { $0.vendor == vendor && $0.product == product && (serial == nil || $0.serial == serial) }
                ?? false
        case .port(let port): node.usb?.port == port
        case .driver(let name): node.driver == name
        case .name(let name): node.name == name || node.name.hasPrefix("\(name): ")
        }
    }
}

extension CameraSelector: CustomStringConvertible {
    /// As a configuration writes it.
    public var description: String {
        switch self {
        case .file(let path): path
        case .usb(let vendor, let product, let serial):
            "usb:\(Self.digits(vendor)):\(Self.digits(product))" + (serial.map { ":\($0)" } ?? "")
        case .port(let port): "path:\(port)"
        case .driver(let name): "driver:\(name)"
        case .name(let name): "name:\(name)"
        }
    }

    private static func digits(_ number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
