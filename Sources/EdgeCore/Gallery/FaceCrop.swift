/// The aligned face that a template was made of, so that another model can make a template of it too.
///
/// It is a picture of a face: never logged, and it leaves memory only sealed.
public struct FaceCrop: Sendable, Equatable {
    /// Its width and height, pixels.
    public static let side = 112
    /// How many bytes it has.
    public static let byteCount = 3 * side * side
    /// Red, green and blue of each pixel, row by row from the top.
    public let pixels: [UInt8]

    /// Wraps pixels; `nil` for any other number of bytes than ``byteCount``.
    public init?(pixels: [UInt8]) {
        guard pixels.count == Self.byteCount else { return nil }
        self.pixels = pixels
    }
}

extension FaceCrop: CustomStringConvertible, CustomReflectable {
    /// A placeholder.
    public var description: String { "<crop>" }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// One accepted sample of an enrollment.
public struct EnrolledSample: Sendable {
    /// What is compared.
    public let template: FaceTemplate
    /// Unified quality, 0…1.
    public let quality: Double
    /// What the template was made of; `nil` where crops are not kept.
    public let crop: FaceCrop?

    /// Puts a sample together.
    public init(template: FaceTemplate, quality: Double, crop: FaceCrop? = nil) {
        self.template = template
        self.quality = quality
        self.crop = crop
    }
}
