/// Where strangers' bytes come into this room.
///
/// Each target takes bytes as far as they get and says which promise they broke. The fuzzer and the tests share them.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A camera's MJPEG frame, from the driver's buffer to pixels.
    case mjpeg
    /// An upload that may be a PNG.
    case png
    /// An upload that may be a WebP.
    case webp
    /// A camera's raw pixels with what its driver says of them.
    case raw
    /// The payload of an APP1 segment.
    case exif
    /// Footage that is cut into pictures.
    case splitter

    /// Takes bytes all the way; returns what they broke, `nil` when every promise held.
    public func take(_ bytes: [UInt8]) -> String? {
        do throws(BrokenPromise) {
            switch self {
            case .mjpeg: try CameraWay.jpeg(bytes)
            case .png, .webp: try UploadWay.file(bytes)
            case .raw: try CameraWay.raw(bytes)
            case .exif: try UploadWay.exif(bytes)
            case .splitter: try SplitterWay.stream(bytes)
            }
            return nil
        } catch {
            return error.text
        }
    }
}

/// What does not hold for some bytes, though it should for all.
struct BrokenPromise: Error {
    let text: String

    static func unless(_ isKept: Bool, _ text: @autoclosure () -> String) throws(BrokenPromise) {
        guard isKept else { throw BrokenPromise(text: text()) }
    }
}
