import EdgeCore
import FoundationEssentials
import Glibc

/// A device file of a video device, with what the kernel says of the device; nothing is opened for it.
struct VideoNode: Equatable {
    /// What a USB device is.
    struct USB: Equatable {
        var vendor: UInt16
        var product: UInt16
        var serial: String?
        /// Where it is plugged in, for example `1-1.2`.
        var port: String
    }

    /// The device file.
    var path: String
    /// Its place among the nodes of the device.
    var index: Int
    /// The camera's own name.
    var name: String
    var driver: String
    /// The kernel's directory of the device, the same for all its nodes.
    var device: String
    var usb: USB?
    /// Whether no hardware stands behind it.
    var isVirtual = false

    init(path: String, index: Int, name: String, driver: String, device: String, usb: USB? = nil) {
        self.path = path
        self.index = index
        self.name = name
        self.driver = driver
        self.device = device
        self.usb = usb
    }

    /// All nodes that there are, in the order of their numbers.
    ///
    /// Read from sysfs, so that no udev is needed.
    static func all(sysfs: String = "/sys") -> [VideoNode] {
        let folder = "\(sysfs)/class/video4linux"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let numbers = names.compactMap { $0.hasPrefix("video") ? Int($0.dropFirst("video".count)) : nil }.sorted()
        return numbers.compactMap { VideoNode(entry: "\(folder)/video\($0)", path: "/dev/video\($0)") }
    }

    /// The node behind an open device file; its number is not given to another while it is open.
    static func of(descriptor: CInt, sysfs: String = "/sys") -> VideoNode? {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFCHR else { return nil }
        // The numbers are spread over the word as the C library has it.
        let (device, low) = (UInt64(facts.st_rdev), UInt64(0xFF))
        let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
        let minor = device & low | device >> 12 & ~low & 0xFFFF_FFFF
        let entry = "\(sysfs)/dev/char/\(major):\(minor)"
        return resolved(entry).flatMap { VideoNode(entry: $0, path: "/dev/\(lastPart($0))") }
    }

    /// `nil` when it went away while it was looked at.
    private init?(entry: String, path: String) {
        guard let name = Self.line("\(entry)/name") else { return nil }
        self.path = path
        self.name = name
        index = Self.line("\(entry)/index").flatMap { Int($0) } ?? 0
        // A device without hardware has no link.
        device = Self.resolved("\(entry)/device") ?? entry
        driver = Self.resolved("\(device)/driver").map(Self.lastPart) ?? ""
        usb = Self.usb(of: device)
        isVirtual = Self.resolved(entry)?.contains("/devices/virtual/") ?? false
    }

    /// The names by which a configuration can choose it, the most exact first.
    var selectors: [CameraSelector] {
        var selectors: [CameraSelector] = []
        if let usb {
            selectors.append(.usb(vendor: usb.vendor, product: usb.product, serial: usb.serial))
            selectors.append(.port(usb.port))
        }
        if !name.isEmpty { selectors.append(.name(name)) }
        if !driver.isEmpty { selectors.append(.driver(driver)) }
        return selectors
    }

    /// The device itself is an interface; above it stands the USB device with its numbers.
    private static func usb(of device: String) -> USB? {
        var place = device
        while let slash = place.lastIndex(of: "/"), slash > place.startIndex {
            if let vendor = line("\(place)/idVendor").flatMap({ UInt16($0, radix: 16) }),
                let product = line("\(place)/idProduct").flatMap({ UInt16($0, radix: 16) })
            {
                let serial = line("\(place)/serial").flatMap { $0.isEmpty ? nil : $0 }
                return USB(vendor: vendor, product: product, serial: serial, port: lastPart(place))
            }
            place = String(place[..<slash])
        }
        return nil
    }

    /// What a file of one line says.
    private static func line(_ path: String) -> String? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }

    private static func lastPart(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
