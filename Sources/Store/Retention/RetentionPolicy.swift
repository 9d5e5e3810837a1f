/// How long what is about people is kept.
public struct RetentionPolicy: Sendable, Equatable {
    /// How long a person is kept whom nobody sees; `nil` keeps people until somebody removes them.
    ///
    /// The clock runs from the last recognition, else from the enrollment, else from when the person was made known.
    public var peopleUnseen: Duration?
    /// How long a session is kept after its end; those that an enrollment in force or before it came from stay with it.
    public var sessions = Duration.seconds(90 * 86_400)
    /// How long calls of the API are kept.
    public var usage = Duration.seconds(90 * 86_400)
    /// How long security events are kept.
    public var securityEvents = Duration.seconds(365 * 86_400)

    /// The defaults.
    public init() {}
}
