import EdgeCore

/// Decides which frames of a camera are looked at while a session waits for somebody to come.
///
/// A door may have a session open all day; nobody needs to be looked for thirty times a second. With the first face every frame
/// is looked at again. Performs nothing, so every path is a plain test.
struct PresencePace {
    /// How long nobody must have been there: who just turned away is still followed.
    private static let patience = Duration.seconds(2)
    /// From one look to the next then.
    private static let interval = Duration.milliseconds(200)

    private var nobodySince: FrameClock.Instant?
    private var lastLook: FrameClock.Instant?

    /// Whether a frame that was taken then is looked at.
    func admits(_ moment: FrameClock.Instant) -> Bool {
        guard let nobodySince, let lastLook, nobodySince.duration(to: moment) >= Self.patience else { return true }
        let gone = lastLook.duration(to: moment)
        // A stamp that went back holds nobody up.
        return gone >= Self.interval || gone < .zero
    }

    /// A frame was looked at.
    mutating func saw(faces: Int, at moment: FrameClock.Instant) {
        lastLook = moment
        nobodySince = faces > 0 ? nil : nobodySince ?? moment
    }
}
