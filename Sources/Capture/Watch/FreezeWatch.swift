import EdgeCore

/// Decides whether a camera gives the same picture over and over.
///
/// A sensor has noise: two of its pictures are never the same to the last bit. A stuck one gives one picture again and again,
/// or in turn those that its driver's buffers were left with. A thinned-out sample raises the suspicion, every byte of some
/// seconds' pictures confirms it. Performs nothing, so every path is a plain test.
struct FreezeWatch {
    /// What a picture says.
    enum Finding: Equatable {
        /// It is another one than those before.
        case new
        /// It may have been there before.
        case known
        /// It has been there before, as have all others for too long.
        case frozen
    }

    /// As many pictures in turn as a stuck camera can give: one for each of the driver's buffers.
    static let turn = 4
    /// Fewer pictures than this prove nothing, however long they take.
    private static let fewest = 15

    private let limit: Duration
    private let confirmation: Duration
    private var samples: [UInt64] = []
    private var quiet: (since: FrameClock.Instant, pictures: Int)?
    private var suspicion: (since: FrameClock.Instant, wholes: [UInt64], pictures: Int)?

    /// A camera without a new picture for `limit` is suspected, and frozen when none comes during `confirmation`.
    init(limit: Duration, confirmation: Duration) {
        self.limit = limit
        self.confirmation = confirmation
    }

    /// The stream was opened anew: the time between two streams does not count.
    mutating func begins() { (quiet, suspicion) = (nil, nil) }

    /// Takes a picture's sample; asks for the fingerprint of all of it only while the camera is suspected.
    mutating func saw(
        sample: UInt64, whole: @autoclosure () -> UInt64, at now: FrameClock.Instant
    ) -> Finding {
        guard samples.contains(sample) else {
            samples = samples.suffix(Self.turn - 1) + [sample]
            return moved(at: now)
        }
        let before = quiet ?? (since: now, pictures: 0)
        quiet = (before.since, before.pictures + 1)
        guard before.since.duration(to: now) >= limit, before.pictures >= Self.fewest else { return .known }
        return confirmed(whole(), at: now)
    }

    private mutating func confirmed(_ whole: UInt64, at now: FrameClock.Instant) -> Finding {
        var held = suspicion ?? (since: now, wholes: [], pictures: 0)
        if !held.wholes.contains(whole) {
            // Not one of the turn that it gave at first: a change that the sample misses.
            guard held.pictures < Self.turn else { return moved(at: now) }
            held.wholes.append(whole)
        }
        held.pictures += 1
        suspicion = held
        let isLong = held.since.duration(to: now) >= confirmation && held.pictures >= Self.fewest
        guard isLong else { return .known }
        begins()
        return .frozen
    }

    private mutating func moved(at now: FrameClock.Instant) -> Finding {
        quiet = (now, 0)
        suspicion = nil
        return .new
    }
}
