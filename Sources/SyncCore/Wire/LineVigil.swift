/// How both ends of a line find out that the other one is gone without a word.
///
/// A cable that is pulled, a router that forgets and a host that dies send nothing. Without questions of their own both
/// ends would wait for the time-out of a request, a minute and more.
public struct LineVigil: Sendable, Equatable {
    /// For so long a line may be silent before it is asked whether it is there.
    public let silence: Duration
    /// How long an answer to that may take, and to each question after it.
    public let interval: Duration
    /// So many questions without an answer end the line.
    public let questions: Int
    /// For so long bytes may be under way that the other end has not confirmed.
    public let unconfirmed: Duration

    /// What a device looks for: a cut is known of after 16 to 20 seconds, at 40 bytes each ten seconds of silence.
    public static let device = LineVigil(
        silence: .seconds(10), interval: .seconds(3), questions: 2, unconfirmed: .seconds(15))
    /// What central looks for; a device that reads slowly is given more time than one that looks for central.
    public static let central = LineVigil(
        silence: .seconds(15), interval: .seconds(5), questions: 3, unconfirmed: .seconds(30))
}
