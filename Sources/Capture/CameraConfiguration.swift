/// What one camera is and how it should run.
public struct CameraConfiguration: Sendable, Equatable {
    /// Where the pictures come from.
    public enum Source: Sendable, Equatable {
        /// A V4L2 device: a ``CameraSelector``, better one that stays the same after a replug than `/dev/video0`.
        case device(String)
        /// A directory of pictures in the order of their names, or an MJPEG file.
        case replay(String)

        /// The path or the selector, whichever it is.
        public var path: String {
            switch self {
            case .device(let path), .replay(let path): path
            }
        }

        var isDevice: Bool {
            switch self {
            case .device: true
            case .replay: false
            }
        }
    }

    /// What it does while nobody reads it.
    public enum Idle: Sendable, Equatable {
        /// It streams on.
        case stream
        /// It gives this many pictures a second, and all of them as soon as something moves before it.
        case slow(framesPerSecond: Int)
        /// The device is closed.
        case release
    }

    /// The name by which sessions ask for it.
    public var name: String
    /// What it is there for; sessions may ask for it by that as well.
    public var role: String?
    /// The name of the infrared camera beside it.
    public var infrared: String?
    /// Where the pictures come from.
    public var source: Source
    /// The size to ask a device for; the nearest one that it offers is used.
    public var preferredSize: (width: Int, height: Int) {
        get { (preferredWidth, preferredHeight) }
        set { (preferredWidth, preferredHeight) = newValue }
    }
    /// Frames per second to ask for; `nil` leaves a device at its own rate and plays footage at 30.
    public var preferredFrameRate: Int?
    /// Formats as four characters, the most wanted first.
    public var formatPreference: [String]
    /// Values of controls by name, `exposure`, `gain`, `white_balance`, `focus`, `power_line`, `backlight` or the driver's own;
    /// applied whenever the device is opened.
    public var controls: [String: ControlValue]
    /// Whether footage starts over at its end.
    public var loops: Bool
    /// How long a device may go without a new picture before it counts as frozen; `nil` for ever.
    public var frozenAfter: Duration? = .seconds(5)
    /// How long a device may show nothing, all being dark or of one tone, before that is told; `nil` for ever.
    public var coveredAfter: Duration? = .seconds(10)
    /// What a device must be; `nil` takes whatever fits ``source``.
    public var pin: CameraPin?
    /// Whether a device may be a program.
    public var allowsVirtual = false

    /// What it does while nobody reads it.
    public var idle = Idle.stream
    /// How long nobody must have read it before.
    public var idleAfter = Duration.seconds(30)
    /// How exposure and gain follow the brightness of faces; `nil` leaves them as they are.
    public var faceLight: FaceLightRule?

    private var preferredWidth: Int
    private var preferredHeight: Int

    /// Describes a camera; the defaults suit face recognition at a door.
    public init(
        name: String, source: Source, preferredSize: (width: Int, height: Int) = (640, 480),
        preferredFrameRate: Int? = 30, formatPreference: [String] = ["MJPG", "YUYV", "NV12", "GREY"],
        controls: [String: ControlValue] = [:], loops: Bool = true
    ) {
        self.name = name
        self.source = source
        (preferredWidth, preferredHeight) = preferredSize
        self.preferredFrameRate = preferredFrameRate
        self.formatPreference = formatPreference
        self.controls = controls
        self.loops = loops
    }
}
