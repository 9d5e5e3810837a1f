import EdgeCore

/// What a camera was when it was put up; what is not recorded may be anything.
public struct CameraPin: Sendable, Equatable {
    /// The kernel driver.
    public var driver: String?
    /// The camera's own name.
    public var card: String?
    /// `VENDOR:PRODUCT[:SERIAL]`.
    public var usb: String?
    /// The USB port.
    public var port: String?
    /// The bus, as the driver says it.
    public var bus: String?

    /// Records what is known; without anything it fits every camera.
    public init(
        driver: String? = nil, card: String? = nil, usb: String? = nil, port: String? = nil, bus: String? = nil
    ) {
        (self.driver, self.card, self.usb, self.port, self.bus) = (driver, card, usb, port, bus)
    }

    /// What to record of a camera.
    ///
    /// One with a serial number may be plugged in elsewhere: it is the same one. One without is known by its place alone, and one
    /// that is no USB camera cannot change it. `isStrict` records the place in any case.
    public init(of identity: CameraIdentity, isStrict: Bool = false) {
        self.init(driver: identity.driver, card: identity.card, usb: identity.usb)
        guard isStrict || !identity.hasSerial else { return }
        port = identity.port
        if isStrict || identity.usb == nil { bus = identity.bus }
    }

    /// What is not as it was recorded, in words; empty when all is.
    public func differences(from identity: CameraIdentity) -> [String] {
        let parts: [(String, String?, String?)] = [
            ("driver", driver, identity.driver), ("usb", usb, identity.usb), ("port", port, identity.port),
            ("bus", bus, identity.bus), ("card", card, identity.card),
        ]
        return parts.compactMap { name, pinned, found in
            guard let pinned, pinned != found else { return nil }
            return "\(name) is \(found ?? "unknown"), pinned is \(pinned)"
        }
    }

    /// As a configuration writes it.
    public var configurationLine: String { "pin = \(configurationValue)" }

    /// The value of that line.
    public var configurationValue: String {
        let parts = [("driver", driver), ("usb", usb), ("port", port), ("bus", bus), ("card", card)]
        let written = parts.compactMap { name, value in value.map { "\(name) = \"\(Self.escaped($0))\"" } }
        return "{ \(written.joined(separator: ", ")) }"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}

/// Decides whether a camera that was found may be used.
///
/// Made of plain values, so every case is a plain test.
struct CameraAdmission: Sendable, Equatable {
    var pin: CameraPin?
    var allowsVirtual: Bool

    init(of configuration: CameraConfiguration) {
        pin = configuration.pin
        allowsVirtual = configuration.allowsVirtual
    }

    /// Throws `capture.device.virtual`, `capture.pin.changed` or `capture.pin.cloned`; `nodes` are all that there are.
    func check(_ identity: CameraIdentity, among nodes: @autoclosure () -> [VideoNode]) throws(EdgeError) {
        guard allowsVirtual || !identity.isVirtual else {
            throw EdgeError(.cameraVirtual, "\(identity.card) (\(identity.driver)) is a program, not a camera.")
        }
        guard let pin else { return }
        let differences = pin.differences(from: identity)
        guard differences.isEmpty else {
            throw EdgeError(.cameraChanged, "It is another camera: \(differences.joined(separator: "; ")).")
        }
        // Where the place is pinned it tells the two apart. Several cameras in one case share a port.
        guard pin.port == nil, identity.hasSerial else { return }
        let twin = nodes().first { $0.usb?.text == identity.usb && $0.usb?.port != identity.port }
        guard let twin else { return }
        throw EdgeError(
            .cameraCloned,
            "\(identity.usb ?? "") is plugged in twice: \(identity.port ?? "?") and \(twin.usb?.port ?? "?").")
    }

    /// Several cameras fit: of one that is pinned by its serial number the others are copies.
    func ambiguous(_ error: EdgeError) -> EdgeError {
        guard error.code == .cameraAmbiguous, let pin, pin.port == nil,
            pin.usb.map({ $0.count(where: { $0 == ":" }) >= 2 }) ?? false
        else { return error }
        return EdgeError(.cameraCloned, error.detail)
    }
}
