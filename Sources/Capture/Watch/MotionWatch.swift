import EdgeCore

/// Decides whether something moves before a camera that nobody reads.
///
/// It holds small pictures against their running mean. What changes everywhere at once is light and not movement; a field that
/// is always restless, under a lamp or before a tree, must change more than it usually does. Performs nothing, so every path is a
/// plain test.
struct MotionWatch {
    /// What one picture counts against those before it.
    private static let weight: Float = 1.0 / 16
    /// A field that changed counts less: who stands still is not at once part of the room.
    private static let slowWeight: Float = 1.0 / 64
    /// The least change of a field, of 255; a sensor's noise in the mean of a field is far below.
    private static let leastChange: Float = 12
    /// How much more than usual a restless field must change.
    private static let unrestFactor: Float = 4
    /// The most that is held against a field.
    private static let mostUnrest: Float = 20
    /// The share of fields that must change; a person at a door covers several times as many.
    private static let leastShare = 0.02
    /// Beyond this share it is another picture altogether: a lamp, or a camera that was turned.
    private static let mostShare = 0.7

    /// From one look to the next.
    private let interval: Duration
    private var nextLook: FrameClock.Instant?
    private var background: [Float] = []
    private var unrest: [Float] = []

    /// Looks `framesPerSecond` times a second.
    init(framesPerSecond: Int) { interval = .seconds(1) / max(framesPerSecond, 1) }

    /// Nothing is known any more: the next picture is the first.
    mutating func begins() { (background, nextLook) = ([], nil) }

    /// How long until it is time to look.
    func left(at now: FrameClock.Instant) -> Duration {
        nextLook.map { min(max(now.duration(to: $0), .zero), interval) } ?? .zero
    }

    /// Whether a picture should be looked at now; the next is due an interval later.
    mutating func isDue(at now: FrameClock.Instant) -> Bool {
        guard left(at: now) == .zero else { return false }
        nextLook = now.advanced(by: interval)
        return true
    }

    /// Takes a picture; returns whether something moves.
    mutating func saw(_ grid: LumaGrid) -> Bool {
        guard !background.isEmpty else {
            background = grid.cells
            unrest = [Float](repeating: 0, count: background.count)
            return false
        }
        let changes = zip(grid.cells, background).map { $0 - $1 }
        let light = Self.median(changes)
        let moved = zip(changes, unrest).map {
            abs($0 - light) > max(Self.leastChange, Self.unrestFactor * $1)
        }
        let share = Double(moved.count { $0 }) / Double(moved.count)
        guard share <= Self.mostShare else {
            background = grid.cells
            return false
        }
        for field in background.indices {
            let change = changes[field] - light
            background[field] += light + change * (moved[field] ? Self.slowWeight : Self.weight)
            unrest[field] += (min(abs(change), Self.mostUnrest) - unrest[field]) * Self.weight
        }
        return share >= Self.leastShare
    }

    private static func median(_ values: [Float]) -> Float { values.sorted()[values.count / 2] }
}
