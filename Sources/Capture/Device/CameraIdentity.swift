import CV4L2

/// What an open camera says that it is, and where the kernel has it.
///
/// All of it but driver, bus and port is the camera's own word, which a device that is made for it can copy.
public struct CameraIdentity: Sendable, Codable, Equatable {
    /// The kernel driver.
    public var driver: String
    /// The camera's own name.
    public var card: String
    /// Where it is plugged in, as the driver says it.
    public var bus: String
    /// `VENDOR:PRODUCT[:SERIAL]` of a USB camera.
    public var usb: String?
    /// The port that a USB camera is plugged into, for example `1-1.2`.
    public var port: String?
    /// Whether it is a program that behaves like a camera.
    public var isVirtual: Bool

    init(driver: String, card: String, bus: String, usb: String? = nil, port: String? = nil, isVirtual: Bool = false) {
        self.driver = Self.clean(driver)
        self.card = Self.clean(card)
        self.bus = Self.clean(bus)
        self.usb = usb.map(Self.clean)
        self.port = port
        self.isVirtual = isVirtual || Self.virtualDrivers.contains(driver)
    }

    /// Of an open device and its own answer.
    init(_ capability: v4l2_capability, descriptor: CInt) {
        let node = VideoNode.of(descriptor: descriptor)
        self.init(
            driver: CText.string(of: capability.driver), card: CText.string(of: capability.card),
            bus: CText.string(of: capability.bus_info), usb: node?.usb?.text, port: node?.usb?.port,
            isVirtual: node?.isVirtual ?? false)
    }

    /// Whether its USB numbers are those of one camera and not of a whole make.
    var hasSerial: Bool { usb.map { $0.count(where: { $0 == ":" }) >= 2 } ?? false }

    /// Drivers without hardware that the kernel does not list as such.
    private static let virtualDrivers: Set<String> = ["vivid", "vimc", "vicodec", "v4l2 loopback", "akvcam"]

    /// What a camera calls itself goes into logs and onto terminals.
    private static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}

extension VideoNode.USB {
    /// `VENDOR:PRODUCT[:SERIAL]`.
    var text: String {
        String(CameraSelector.usb(vendor: vendor, product: product, serial: serial).description.dropFirst("usb:".count))
    }
}
