/// What one video device is and offers.
public struct CameraDescription: Sendable, Codable, Equatable {
    /// The device file.
    public var path: String
    /// Names below `/dev/v4l` that stay the same after a replug, the `by-id` ones first.
    public var links: [String] = []
    /// What a configuration can write to choose it whatever its number, the most exact first.
    public var selectors: [String] = []
    /// The camera's own name; empty when it cannot be opened.
    public var card = ""
    /// The kernel driver.
    public var driver = ""
    /// Where it is plugged in.
    public var bus = ""
    /// Whether it streams pictures; the second node of a USB camera does not.
    public var isCamera = false
    /// What it offers.
    public var formats: [CameraFormat] = []
    /// What can be set.
    public var controls: [CameraControl] = []
    /// Why it cannot be looked at, with the error's code.
    public var problem: String?
}

/// A pixel format of a camera.
public struct CameraFormat: Sendable, Codable, Equatable {
    /// Four characters, for example `MJPG`.
    public var code: String
    /// The driver's words for it.
    public var description: String
    /// Whether frames are files rather than pixels.
    public var isCompressed: Bool
    /// Whether the machine makes it from another format, at the cost of time.
    public var isEmulated: Bool
    /// The sizes; empty when the driver does not tell.
    public var sizes: [CameraSize]
}

/// A size of a format, or a range of sizes.
public struct CameraSize: Sendable, Codable, Equatable {
    /// Columns; the least of a range.
    public var width: Int
    /// Rows; the least of a range.
    public var height: Int
    /// The end and the steps, for a range.
    public var range: Range?
    /// The frame intervals at this size, or at the size nearest to the one asked for in a range.
    public var intervals: [FrameInterval]
    /// Whether every interval between the first and the last is possible.
    public var isEveryIntervalPossible = false

    /// The end of a range of sizes.
    public struct Range: Sendable, Codable, Equatable {
        /// Most columns.
        public var maximumWidth: Int
        /// Most rows.
        public var maximumHeight: Int
        /// Columns from one size to the next.
        public var widthStep: Int
        /// Rows from one size to the next.
        public var heightStep: Int
    }
}

/// The time from one frame to the next as the exact fraction that drivers use.
public struct FrameInterval: Sendable, Codable, Equatable {
    /// Parts of a second.
    public var numerator: Int
    /// How many parts a second has.
    public var denominator: Int

    /// The rate it stands for.
    public var framesPerSecond: Double { numerator > 0 ? Double(denominator) / Double(numerator) : 0 }
}

/// A control of a camera.
public struct CameraControl: Sendable, Codable, Equatable {
    /// How a value is meant.
    public enum Kind: String, Sendable, Codable {
        /// A number.
        case integer
        /// 0 or 1.
        case boolean
        /// One of the named choices.
        case menu
        /// Written to make something happen.
        case button
        /// Anything else; it is listed but not set.
        case other
    }

    /// The name as configured, for example `exposure_auto`.
    public var name: String
    /// The kernel's number for it.
    public var id: UInt32
    /// How its value is meant.
    public var kind: Kind
    /// The least value.
    public var minimum: Int
    /// The greatest value.
    public var maximum: Int
    /// From one value to the next.
    public var step: Int
    /// The value at the start.
    public var defaultValue: Int
    /// The value now; absent when it cannot be read.
    public var value: Int?
    /// Whether another control keeps it from having an effect.
    public var isInactive: Bool
    /// Whether it can be set.
    public var isReadOnly: Bool
    /// A menu's choices by value.
    public var choices: [Int: String]
}
