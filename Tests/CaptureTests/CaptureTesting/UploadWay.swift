import EdgeCore

@testable import Capture

/// The way of an uploaded file.
enum UploadWay {
    /// Few pixels, so that many pictures are tried in a second; the limits themselves do not depend on their number.
    private static let decoder = TurboImageDecoder(
        limits: ImageLimits(maximumPixels: 1 << 20, maximumBytes: 1 << 20, minimumSide: 8))
    private static let answers: Set<ErrorCode> = [
        .imageEmpty, .imageCorrupt, .imageUnsupported, .imageTooLarge, .imageTooSmall,
    ]

    /// Header, the small picture of a first look, then the whole one.
    static func file(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let header = try answer({ () throws(EdgeError) in try decoder.inspect(bytes) }) else {
            // What the header refuses must not get in by another door: a camera says what its frames are.
            for encoding in [ImageEncoding.jpeg, .png, .webp] where encoding == encodingBySignature(bytes) {
                let claimed = EncodedImage(encoding: encoding, width: 640, height: 480, bytes: bytes)
                try BrokenPromise.unless(
                    try pixels(of: claimed, .full) == nil, "A picture was refused at first and decoded after all.")
            }
            return
        }
        let small = try pixels(of: header, .atLeast(longSide: 128))
        let whole = try pixels(of: header, .full)
        try BrokenPromise.unless(
            (small == nil) == (whole == nil), "The picture is whole at one scale and damaged at the other.")
        guard let small, let whole else { return }
        try BrokenPromise.unless(
            whole.width == header.width && whole.height == header.height, "The picture is not as large as its header.")
        try BrokenPromise.unless(
            small.longSide >= min(128, whole.longSide) && small.longSide <= whole.longSide,
            "The small picture has \(small.longSide) of \(whole.longSide) pixels.")
    }

    /// A payload in a picture that is well: whatever it says, the picture stays whole.
    static func exif(_ bytes: [UInt8]) throws(BrokenPromise) {
        let payload = Array(bytes.prefix(65_533))
        let length = payload.count + 2
        let segment: [UInt8] = [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)]
        let picture = upright.prefix(2) + segment + payload + upright.dropFirst(2)
        let mark = payload.withUnsafeBytes { ExifOrientation(app1: $0) }
        guard let header = try answer({ () throws(EdgeError) in try decoder.inspect(Array(picture)) }),
            let image = try pixels(of: header, .full)
        else { throw BrokenPromise(text: "A mark made a picture unreadable.") }
        let (width, height) = mark.swapsSides ? (Self.height, Self.width) : (Self.width, Self.height)
        try BrokenPromise.unless(
            header.width == width && image.width == width && image.height == height, "The picture is turned otherwise.")
    }

    /// The picture's pixels; `nil` when it is refused.
    static func pixels(of image: EncodedImage, _ scale: DecodeScale) throws(BrokenPromise) -> Image? {
        try answer { () throws(EdgeError) in try decoder.decode(image, scale: scale) }
    }

    private static func answer<Value>(_ work: () throws(EdgeError) -> Value) throws(BrokenPromise) -> Value? {
        do throws(EdgeError) {
            return try work()
        } catch {
            try BrokenPromise.unless(answers.contains(error.code), "A picture was answered with \(error.code).")
            return nil
        }
    }

    private static func encodingBySignature(_ bytes: [UInt8]) -> ImageEncoding? {
        switch ImageSignature(bytes) {
        case .jpeg: .jpeg
        case .png: .png
        case .webp: .webp
        case .other, .unknown: nil
        }
    }

    private static let (width, height) = (24, 16)
    private static let upright = SeedPictures.jpeg(SeedPictures.drawing(width: width, height: height), .plain)
}
