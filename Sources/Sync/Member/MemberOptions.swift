/// How a member speaks with central.
public struct MemberOptions: Sendable, Equatable {
    /// How long central may wait for a change before it answers.
    public var longPoll = Duration.seconds(25)
    /// The pause between questions where long polls do not come through.
    public var pollInterval = Duration.seconds(45)
    /// The most payload bytes a second that are sent; `nil` for as many as the line takes.
    public var bytesPerSecond: Int?
    /// How long decisions and events are gathered for one batch.
    public var linger = Duration.seconds(5)
    /// How many records of decisions and events are sent without waiting for more.
    public var lingerRecords: UInt64 = 100
    /// How long a batch of decisions or events gives way to somebody at the door.
    public var courtesy = Duration.seconds(1)
    /// How many batches are under way at once, each of another lane.
    public var lanesAtOnce = 2

    /// The defaults.
    public init() {}
}
