import EdgeCore

/// Makes of a camera's frames what people look at.
enum PreviewPicture {
    /// Enough to tell a face and its light.
    private static let quality = 80

    /// The frame with a whole JPEG for its picture, with a box around the face where one is given; one that is a JPEG already and
    /// gets no box is passed on as it is.
    static func jpeg(
        of frame: Frame, by decoder: any ImageDecoder, face: FaceSighting? = nil
    ) throws(EdgeError) -> Frame {
        guard frame.image.encoding != .jpeg || face != nil else { return frame }
        var image = try decoder.decode(frame.image, scale: .full)
        if let face { image = FaceBox.drawn(face, on: image) }
        let compressor = try TurboCompressor()
        let bytes = try compressor.encode(image, quality: quality)
        return Frame(
            image: EncodedImage(encoding: .jpeg, width: image.width, height: image.height, bytes: bytes),
            capturedAt: frame.capturedAt, sequence: frame.sequence, origin: frame.origin)
    }
}

/// Lets through no more frames than people need.
struct PreviewPace {
    private let interval: Duration
    private var last: FrameClock.Instant?

    init(framesPerSecond: Int) { interval = .seconds(1) / max(framesPerSecond, 1) }

    /// Whether a frame that was taken then is shown.
    mutating func admits(_ moment: FrameClock.Instant) -> Bool {
        if let last {
            let gone = last.duration(to: moment)
            // A stamp that went back holds nobody up.
            guard gone >= interval || gone < .zero else { return false }
        }
        last = moment
        return true
    }
}
