/// How much of a picture is wanted.
public enum DecodeScale: Sendable, Equatable {
    /// Every pixel.
    case full
    /// The smallest cheap reduction whose longer side is still at least this many pixels; never enlarges.
    ///
    /// JPEG reduces while it decodes (eighths); other encodings decode whole. The caller brings it to size.
    case atLeast(longSide: Int)
}

/// Turns picture bytes into pixels.
///
/// `Capture` provides it; uploads and cameras go the same way.
public protocol ImageDecoder: Sendable {
    /// Reads the header of a JPEG, PNG or WebP file without decoding it.
    ///
    /// Throws `image.empty`, `image.unsupported`, `image.corrupt`, `image.too_large`, `image.too_small`. The size is
    /// checked here, before a byte of pixel memory is asked for.
    func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage

    /// Decodes to BGR; a JPEG's orientation mark is applied.
    ///
    /// Throws `image.corrupt` for damaged or cut-off data: a picture is never half there.
    func decode(_ image: EncodedImage, scale: DecodeScale) throws(EdgeError) -> Image
}

/// How much is asked of a camera.
public enum CameraPace: String, Sendable, Codable, CaseIterable {
    /// It gives all its pictures.
    case full
    /// Nobody reads it: it gives a few pictures a second, to see whether somebody comes.
    case slow
    /// Nobody reads it: its device is closed until somebody does.
    case released
}

/// What a camera does at the moment.
public struct CameraStatus: Sendable, Codable, Equatable {
    /// The configured name.
    public var name: String
    /// What it is there for, by which sessions may ask for it too: `door-in`, `door-out`, or ``infraredRole``.
    public var role: String?
    /// The name of the infrared camera beside it.
    public var infrared: String?
    /// The device path, or the replay path.
    public var device: String
    /// `v4l2` or `replay`.
    public var kind: String
    /// Whether frames are coming.
    public var isStreaming: Bool
    /// For example `MJPG`; empty before the first start.
    public var format: String
    /// Columns, 0 before the first start.
    public var width: Int
    /// Rows, 0 before the first start.
    public var height: Int
    /// Frames per second over the last seconds.
    public var framesPerSecond: Double
    /// How old a frame was when it was taken from the driver, milliseconds: the mean of late; absent before the first.
    public var latencyMs: Double?
    /// Frames taken from the driver since start.
    public var frames: UInt64
    /// Frames that were given back unread since newer ones were there, or that the driver lost.
    public var dropped: UInt64
    /// Frames that the driver marked broken or that were empty.
    public var broken: UInt64
    /// Starts after a failure.
    public var recoveries: UInt64
    /// How often it was found to give the same picture over and over.
    public var frozen: UInt64
    /// Whether it has shown nothing for some time: all is dark or of one tone.
    public var isCovered: Bool
    /// Whether it rests while nobody reads it; one that was released does not stream, and nothing is wrong with it.
    public var pace: CameraPace
    /// The error code that keeps it from streaming, when there is one.
    public var fault: String?

    /// The role of cameras that are looked at beside others, and that no session takes its frames from.
    public static let infraredRole = "ir"

    /// A camera that has not started yet.
    public init(name: String, device: String, kind: String) {
        self.name = name
        self.device = device
        self.kind = kind
        isStreaming = false
        format = ""
        width = 0
        height = 0
        framesPerSecond = 0
        frames = 0
        dropped = 0
        broken = 0
        recoveries = 0
        frozen = 0
        isCovered = false
        pace = .full
    }

    /// Whether it gives pictures, or would as soon as somebody reads it.
    public var isReady: Bool { isStreaming || pace == .released }
}

/// How bright a face was on one of a camera's frames.
public struct FaceBrightness: Sendable, Equatable {
    /// The mean luma of the face, 0…255.
    public let luma: Double
    /// When the frame was taken.
    public let takenAt: FrameClock.Instant

    /// Notes how bright a face was.
    public init(luma: Double, takenAt: FrameClock.Instant) { (self.luma, self.takenAt) = (luma, takenAt) }
}

/// Where the largest face stood on a camera's frame, in shares of its width and height.
public struct FaceSighting: Sendable, Equatable {
    /// Left edge, 0…1; may lie outside where the face leaves the frame, and so may the others.
    public let left: Float
    /// Upper edge.
    public let top: Float
    /// Right edge.
    public let right: Float
    /// Lower edge.
    public let bottom: Float
    /// When the frame was taken.
    public let takenAt: FrameClock.Instant

    /// Of a face on a frame of this size, pixels.
    public init(_ face: FaceGeometry, frameWidth: Int, frameHeight: Int, takenAt: FrameClock.Instant) {
        let (width, height) = (Float(max(frameWidth, 1)), Float(max(frameHeight, 1)))
        (left, right) = (face.x / width, (face.x + face.width) / width)
        (top, bottom) = (face.y / height, (face.y + face.height) / height)
        self.takenAt = takenAt
    }
}

/// A camera, whatever stands behind it: a device, a directory of pictures, an MJPEG file.
public protocol FrameSource: Sendable {
    /// The configured name.
    var name: String { get }
    /// What it does now.
    var status: CameraStatus { get }
    /// A new mailbox that gets every frame from now on until it is finished or its reader goes away.
    func subscribe() -> FrameMailbox
    /// Tells how bright a face was on one of its frames; a camera that can may set its exposure by it. Returns at once.
    func noteFace(_ face: FaceBrightness)
    /// Tells where a face stood on one of its frames, for who looks through the camera. Returns at once.
    func noteSighting(_ sighting: FaceSighting)
    /// The newest of these.
    var sighting: FaceSighting? { get }
}

extension FrameSource {
    /// Most sources have no exposure.
    public func noteFace(_ face: FaceBrightness) {}
    /// Most sources are not looked through.
    public func noteSighting(_ sighting: FaceSighting) {}
    /// None, then.
    public var sighting: FaceSighting? { nil }
}
