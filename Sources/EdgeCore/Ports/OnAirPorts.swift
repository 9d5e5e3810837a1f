/// Whether somebody reads the cameras, and what the sign beside them shows.
public struct OnAirStanding: Sendable, Codable, Equatable {
    /// What the sign shows.
    public enum Sign: String, Sendable, Codable, CaseIterable {
        /// There is none.
        case none
        /// That somebody reads a camera.
        case on
        /// That nobody does.
        case off
        /// It is being set.
        case changing
        /// Its command failed, so nobody knows.
        case failed
    }

    /// Whether frames of a camera go to a reader: a session, or somebody who looks.
    public var isOnAir: Bool
    /// The cameras that are read, in the order in which that began.
    public var cameras: [String]
    /// What the sign shows.
    public var sign: Sign

    /// Describes a moment.
    public init(isOnAir: Bool, cameras: [String], sign: Sign) {
        self.isOnAir = isOnAir
        self.cameras = cameras
        self.sign = sign
    }
}

/// What the sign beside the cameras shall show.
public struct OnAirOrder: Sendable, Equatable {
    /// Whether somebody reads a camera.
    public var isOn: Bool
    /// The camera that was first, or for the end the last one; empty at the start, when there was none.
    public var camera: String

    /// Puts an order together.
    public init(isOn: Bool, camera: String) {
        self.isOn = isOn
        self.camera = camera
    }
}
