/// Where a session takes its frames from.
public enum FrameOrigin: String, Sendable, Codable, CaseIterable {
    /// The client uploads them.
    case upload
    /// The device's own camera supplies them.
    case camera
}

/// One picture on its way through the pipeline, still encoded: each stage decodes no more than it needs.
public struct Frame: Sendable {
    /// The picture.
    public let image: EncodedImage
    /// When it was taken (camera) or received (upload).
    public let capturedAt: FrameClock.Instant
    /// Counts frames of one source from 0; gaps are frames that the driver dropped.
    public let sequence: UInt64
    /// Who supplied it.
    public let origin: FrameOrigin

    /// Puts a frame together.
    public init(image: EncodedImage, capturedAt: FrameClock.Instant, sequence: UInt64, origin: FrameOrigin) {
        self.image = image
        self.capturedAt = capturedAt
        self.sequence = sequence
        self.origin = origin
    }
}
