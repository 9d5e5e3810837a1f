import EdgeCore

@testable import Capture

/// The way of what a driver lends: looked at where it lies, then copied and decoded.
enum CameraWay {
    /// An MJPEG frame.
    static func jpeg(_ bytes: [UInt8]) throws(BrokenPromise) {
        let length = bytes.withUnsafeBytes { WholeFrame.jpegLength($0) }
        if let length {
            try BrokenPromise.unless((4...bytes.count).contains(length), "A frame is longer than its buffer.")
        }
        let frame = length.map { Array(bytes.prefix($0)) } ?? bytes
        let size = frame.withUnsafeBytes { try? JPEGStructure($0) }
        let form = EncodedImage(encoding: .jpeg, width: size?.width ?? 640, height: size?.height ?? 480, bytes: [])
        // A frame without its end is given back; what an upload makes of such bytes matters all the same.
        if length != nil { try look(at: frame, form) }
        try UploadWay.file(frame)
    }

    /// Raw pixels behind what a driver says of them: format, then width, height and stride as 32-bit numbers.
    ///
    /// The format's highest bit keeps the numbers small.
    static func raw(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard bytes.count >= 13 else { return }
        func number(_ at: Int) -> Int { bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | Int($1) } }
        let isSmall = bytes[0] & 0x80 != 0
        let encodings: [ImageEncoding] = [.grey, .yuyv, .nv12, .bgr]
        let (width, height, stride) = (number(1), number(5), number(9))
        let form = EncodedImage(
            encoding: encodings[Int(bytes[0]) % encodings.count], width: isSmall ? width % 256 : width,
            height: isSmall ? height % 256 : height, stride: isSmall ? stride % 1024 : stride, bytes: [])
        let pixels = Array(bytes.dropFirst(13))
        let needed = RawPicture.bytesNeeded(form)
        let isWhole = needed.map { $0 <= pixels.count && form.width > 0 && form.height > 0 } ?? false
        // As streaming does: a buffer that is too small never gets to the looks.
        if isWhole { try look(at: pixels, form) }
        let image = EncodedImage(
            encoding: form.encoding, width: form.width, height: form.height, stride: form.stride, bytes: pixels)
        let decoded = try UploadWay.pixels(of: image, .full)
        try BrokenPromise.unless(isWhole || decoded == nil, "A picture without all its bytes was decoded.")
        guard let decoded else { return }
        try BrokenPromise.unless(
            decoded.width == form.width && decoded.height == form.height, "The picture has another size.")
    }

    /// Everything that looks at a lent picture: the freeze watch, the cover watch, the motion watch.
    private static func look(at bytes: [UInt8], _ form: EncodedImage) throws(BrokenPromise) {
        let watch = PictureWatch(
            frozenAfter: .seconds(5), confirmation: .seconds(3), coveredAfter: .seconds(10))
        let now = FrameClock().now
        var motion = MotionWatch(framesPerSecond: 2)
        watch.begins()
        let seen = bytes.withUnsafeBytes { lent in
            let picture = LentPicture(lent, form)
            _ = watch.light(of: picture, at: now)
            _ = try? watch.admits(picture, at: now)
            let grid = picture.grid(by: TurboImageDecoder())
            _ = grid.map { motion.saw($0) }
            return (brightness: picture.brightness(by: TurboImageDecoder()), grid: grid, prints: (0..<2).map { _ in picture.fingerprint.whole })
        }
        try BrokenPromise.unless(seen.prints[0] == seen.prints[1], "One picture has two fingerprints.")
        if let brightness = seen.brightness {
            try BrokenPromise.unless(
                (0...255).contains(brightness.mean) && (0...128).contains(brightness.deviation),
                "A picture is \(brightness.mean) bright, give or take \(brightness.deviation).")
        }
        guard let grid = seen.grid else { return }
        try BrokenPromise.unless(
            grid.cells.count == LumaGrid.columns * LumaGrid.rows && grid.cells.allSatisfy { (0...255).contains($0) },
            "The grid of a picture has fields that no picture can have.")
    }
}
