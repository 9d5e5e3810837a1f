import CV4L2
import EdgeCore
import Glibc

/// An open V4L2 device.
///
/// It has one owner and closes when the owner lets go.
struct VideoDevice: ~Copyable {
    let path: String
    /// What it says that it is, asked of this very descriptor, whatever the path means by now.
    let identity: CameraIdentity
    /// Whether it streams pictures in one plane.
    let isCamera: Bool
    let descriptor: CInt
    private let isAdopted: Bool

    /// The camera's own name.
    var card: String { identity.card }
    var driver: String { identity.driver }
    var bus: String { identity.bus }

    /// Opens any V4L2 device; throws when it is none, and what `admit` throws before anything is asked of a camera but who it is.
    ///
    /// Cameras go through libv4l2 from here on, which adds formats that it converts to.
    init(
        path: String, admit: (CameraIdentity) throws(EdgeError) -> Void = { _ throws(EdgeError) in }
    ) throws(EdgeError) {
        let descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw DeviceFault.error(errno, "opening", path) }
        var capability = v4l2_capability()
        // Not through libv4l2: about a file that is no camera it complains on standard error.
        guard cv4l2_plain_ioctl(descriptor, CV4L2_QUERYCAP, &capability) == 0 else {
            close(descriptor)
            throw EdgeError(.cameraNotCapture, "\(path) is not a video device.")
        }
        let identity = CameraIdentity(capability, descriptor: descriptor)
        do throws(EdgeError) { try admit(identity) } catch {
            close(descriptor)
            throw error
        }
        let flags =
            capability.capabilities & UInt32(V4L2_CAP_DEVICE_CAPS) != 0
            ? capability.device_caps : capability.capabilities
        let isCamera = flags & UInt32(V4L2_CAP_VIDEO_CAPTURE) != 0 && flags & UInt32(V4L2_CAP_STREAMING) != 0
        if isCamera {
            Self.silenceLibrary
            let status = cv4l2_adopt(descriptor)
            guard status == 0 else {
                close(descriptor)
                throw DeviceFault.error(status, "opening", path)
            }
        }
        self.path = path
        self.descriptor = descriptor
        self.isCamera = isCamera
        isAdopted = isCamera
        self.identity = identity
    }

    /// Runs once, whichever thread comes first.
    private static let silenceLibrary: Void = cv4l2_silence()

    deinit { _ = isAdopted ? v4l2_close(descriptor) : close(descriptor) }

    /// Throws when it is none that streams.
    borrowing func requireCamera() throws(EdgeError) {
        guard isCamera else {
            throw EdgeError(.cameraNotCapture, "\(path) (\(card)) does not stream pictures in one plane.")
        }
    }

    /// One request with the C structure that it takes; returns 0 or an errno.
    borrowing func request<Argument>(_ code: UInt, _ argument: inout Argument) -> CInt {
        withUnsafeMutablePointer(to: &argument) { cv4l2_ioctl(descriptor, code, $0) }
    }

    /// One request that must succeed.
    borrowing func require<Argument>(
        _ code: UInt, _ argument: inout Argument, _ doing: String
    ) throws(EdgeError) {
        let status = request(code, &argument)
        guard status == 0 else { throw DeviceFault.error(status, doing, path) }
    }
}

/// What an errno of a video device means to a technician.
enum DeviceFault {
    /// What it means when a stream does not begin: the bus reserves its share for a camera only then.
    static func starting(_ choice: FormatChoice, _ number: CInt, _ path: String) -> EdgeError {
        guard number == ENOSPC else { return error(number, "starting the stream", path) }
        return EdgeError(.cameraBandwidth, "The bus of \(path) has no room for \(choice.form).")
    }

    static func error(_ number: CInt, _ doing: String, _ path: String) -> EdgeError {
        let reason = String(cString: strerror(number))
        switch number {
        case ENOENT, ENODEV, ENXIO: return EdgeError(.cameraMissing, "\(path) is not there (\(doing): \(reason)).")
        case EBUSY: return EdgeError(.cameraBusy, "\(path) is used by another program (\(doing): \(reason)).")
        case EACCES, EPERM: return EdgeError(.cameraDenied, "\(path) may not be used (\(doing): \(reason)).")
        case ENOTTY, EISDIR, ENOTDIR: return EdgeError(.cameraNotCapture, "\(path) is not a video device.")
        default: return EdgeError(.cameraFailed, "\(path) failed (\(doing): \(reason)).")
        }
    }
}

/// Texts of fixed length in kernel structures, which Swift sees as tuples.
enum CText {
    static func string<Tuple>(of tuple: Tuple) -> String {
        withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
