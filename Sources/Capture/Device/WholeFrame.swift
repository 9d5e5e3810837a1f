import CV4L2
import EdgeCore
import Glibc

/// Tells whole MJPEG frames from cut-off ones at the cost of a look at both ends.
enum WholeFrame {
    /// How far from the end of a frame's data its end mark may stand: cameras pad with zeros and a few stray bytes.
    private static let stray = 64

    /// The length up to the end mark; `nil` when the frame does not begin or end as a JPEG does.
    ///
    /// Within picture data a 0xFF is always followed by a zero, so an end mark found here is a real one.
    static func jpegLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        guard let last = bytes.lastIndex(where: { $0 != 0 }) else { return nil }
        var index = last
        while index >= 3, last - index <= stray {
            if bytes[index] == 0xD9, bytes[index - 1] == 0xFF { return index + 1 }
            index -= 1
        }
        return nil
    }
}

/// Drivers' time stamps as instants.
enum CaptureTime {
    /// A stamp older than this is a driver's mistake.
    private static let oldest = Duration.seconds(10)

    /// When a buffer was filled; now, when the driver's stamp is on another clock or makes no sense.
    static func instant(of buffer: v4l2_buffer) -> FrameClock.Instant {
        let now = FrameClock().now
        let kind = buffer.flags & UInt32(V4L2_BUF_FLAG_TIMESTAMP_MASK)
        guard kind == UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) else { return now }
        var monotonic = timespec()
        clock_gettime(CLOCK_MONOTONIC, &monotonic)
        let age =
            Duration.seconds(monotonic.tv_sec - buffer.timestamp.tv_sec)
            + .nanoseconds(monotonic.tv_nsec - buffer.timestamp.tv_usec * 1000)
        guard age >= .zero, age <= oldest else { return now }
        return now.advanced(by: .zero - age)
    }
}
