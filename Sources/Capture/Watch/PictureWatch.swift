import EdgeCore

/// Looks at what a device gives, whoever else does: whether it is still a picture of what stands before the camera.
///
/// It stays while the device comes and goes; used by the camera's thread alone. Footage is not looked at: it may well be one
/// picture.
final class PictureWatch {
    private let frozenAfter: Duration
    private var freeze: FreezeWatch?
    /// How many new pictures a camera that was frozen still has to give before it is believed.
    private var doubt = 0

    private var cover: CoverWatch?
    private let reader: any LightReader

    /// `frozenAfter` is how long a camera may go without a new picture, `coveredAfter` without one that shows something; `nil`
    /// lets it.
    init(
        frozenAfter: Duration?, confirmation: Duration, coveredAfter: Duration?,
        reader: any LightReader = TurboImageDecoder()
    ) {
        self.reader = reader
        cover = coveredAfter.map { CoverWatch(limit: $0) }
        self.frozenAfter = frozenAfter ?? .zero
        freeze = frozenAfter.map { FreezeWatch(limit: $0, confirmation: confirmation) }
    }

    /// A stream was opened.
    func begins() {
        freeze?.begins()
        cover?.begins()
    }

    /// What has changed about the light, where that is looked at and it is time to.
    func light(of picture: LentPicture, at now: FrameClock.Instant) -> CoverWatch.Change? {
        guard cover?.isDue(at: now) == true, let brightness = picture.brightness(by: reader) else { return nil }
        return cover?.saw(brightness, at: now)
    }

    /// Whether a picture may be handed on.
    ///
    /// Throws `capture.stream.frozen`. After that nothing may be until more new pictures came than a stuck camera has.
    func admits(_ picture: LentPicture, at now: FrameClock.Instant) throws(EdgeError) -> Bool {
        guard freeze != nil else { return true }
        switch freeze?.saw(sample: picture.fingerprint.sample, whole: picture.fingerprint.whole, at: now) {
        case .new: doubt = max(doubt - 1, 0)
        case .frozen where picture.brightness(by: reader).map({ !$0.showsNothing }) ?? false:
            doubt = FreezeWatch.turn + 1
            throw EdgeError(
                .cameraFrozen, "It gave no new picture for more than \(frozenAfter.components.seconds) s.")
        // What shows nothing may be the same each time from a camera that is well.
        case .frozen, .known, nil: break
        }
        return doubt == 0
    }
}
