import CV4L2
import EdgeCore
import Glibc

/// A device that streams into memory shared with its driver.
///
/// Ending it stops the stream and closes the device.
struct VideoStream: ~Copyable {
    /// What the driver settled on.
    struct Format: Equatable {
        var encoding: ImageEncoding
        var code: String
        var width: Int
        var height: Int
        var stride: Int
    }

    /// A filled buffer that is ours until it is given back.
    struct Filled {
        fileprivate var index: Int
        /// Bytes of the picture.
        var count: Int
        /// The driver's frame number.
        var sequence: UInt32
        /// When it was taken.
        var capturedAt: FrameClock.Instant
    }

    /// What the driver had ready.
    struct Ready {
        var newest: Filled?
        /// Whole frames that were given back since newer ones were there.
        var givenBack = 0
        /// Frames that were marked broken, empty or cut off.
        var broken = 0
    }

    let format: Format
    /// The time between frames while somebody reads them; `nil` when the driver does not tell.
    let interval: FrameInterval?
    /// What was asked for.
    let choice: FormatChoice
    private let device: VideoDevice
    private let memory: MappedBuffers

    /// Sets the format and the rate, asks for buffers and starts.
    ///
    /// Throws `capture.bandwidth.exhausted` where the bus has no room for it.
    init(_ device: consuming VideoDevice, _ choice: FormatChoice) throws(EdgeError) {
        let format = try device.set(choice)
        device.setInterval(choice.interval)
        let memory = try MappedBuffers(of: device, atLeast: RawPicture.bytesNeeded(format.emptyImage) ?? 1)
        for index in 0..<memory.count { try Self.give(back: index, to: device) }
        var type = CInt(V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue)
        let status = device.request(CV4L2_STREAMON, &type)
        guard status == 0 else { throw DeviceFault.starting(choice, status, device.path) }
        self.format = format
        interval = device.interval()
        self.choice = choice
        self.memory = memory
        self.device = device
    }

    deinit {
        var type = CInt(V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue)
        // A device that is gone refuses; there is nothing left to stop then.
        _ = device.request(CV4L2_STREAMOFF, &type)
    }

    /// What to wait for in `poll`.
    var descriptor: CInt { device.descriptor }

    /// The device's path, for messages.
    var path: String { device.path }

    /// Applies controls by name; returns why some could not be applied.
    borrowing func apply(_ settings: [String: ControlValue]) -> [EdgeError] { device.apply(settings) }

    /// All controls with their values now.
    borrowing func controls() -> [CameraControl] { device.controls() }

    /// Sets values in this order; returns why some could not be set.
    borrowing func set(_ steps: [ControlPlan.Step]) -> [EdgeError] { device.set(steps) }

    /// What a control stands at now.
    borrowing func value(of control: CameraControl) -> Int? { device.value(of: control) }

    /// Sets the time between frames while it streams.
    ///
    /// Many drivers refuse that: the stream is stopped for it and started again, and what was ready is lost.
    borrowing func change(_ interval: FrameInterval) throws(EdgeError) {
        guard device.setInterval(interval) == EBUSY else { return }
        var type = CInt(V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue)
        try device.require(CV4L2_STREAMOFF, &type, "stopping the stream")
        device.setInterval(interval)
        for index in 0..<memory.count { try Self.give(back: index, to: device) }
        // What the bus had room for once it may have given to another camera meanwhile.
        let status = device.request(CV4L2_STREAMON, &type)
        guard status == 0 else { throw DeviceFault.starting(choice, status, device.path) }
    }

    /// Takes all filled buffers, keeps the newest whole one and gives the others back at once.
    borrowing func takeReady() throws(EdgeError) -> Ready {
        var ready = Ready()
        // A driver faster than this loop must not hold it for ever.
        for _ in 0..<memory.count {
            guard let (filled, isMarkedBroken) = try takeOne() else { break }
            guard !isMarkedBroken, isWhole(filled) else {
                ready.broken += 1
                try Self.give(back: filled.index, to: device)
                continue
            }
            if let older = ready.newest {
                ready.givenBack += 1
                try Self.give(back: older.index, to: device)
            }
            ready.newest = filled
        }
        return ready
    }

    /// Lends a picture where it lies, until its buffer is given back.
    borrowing func lend(_ filled: Filled) -> LentPicture { LentPicture(bytes(of: filled), format.emptyImage) }

    /// Copies a picture out and gives its buffer back.
    borrowing func copyOut(_ filled: Filled) throws(EdgeError) -> EncodedImage {
        let source = bytes(of: filled)
        let bytes = [UInt8](unsafeUninitializedCapacity: source.count) { buffer, initialized in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
            initialized = source.count
        }
        try Self.give(back: filled.index, to: device)
        return EncodedImage(
            encoding: format.encoding, width: format.width, height: format.height, stride: format.stride, bytes: bytes)
    }

    /// Gives a buffer back unread.
    borrowing func discard(_ filled: Filled) throws(EdgeError) { try Self.give(back: filled.index, to: device) }

    /// A picture's bytes without what a camera pads them with.
    private borrowing func bytes(of filled: Filled) -> UnsafeRawBufferPointer {
        let source = UnsafeRawBufferPointer(rebasing: memory[filled.index].prefix(filled.count))
        let length = format.encoding == .jpeg ? WholeFrame.jpegLength(source) ?? source.count : source.count
        return UnsafeRawBufferPointer(rebasing: source.prefix(length))
    }

    private borrowing func takeOne() throws(EdgeError) -> (Filled, isMarkedBroken: Bool)? {
        var buffer = v4l2_buffer.capture
        let status = device.request(CV4L2_DQBUF, &buffer)
        if status == EAGAIN { return nil }
        guard status == 0 else { throw Self.lost(status, device.path) }
        guard Int(buffer.index) < memory.count else {
            throw EdgeError(.cameraFailed, "\(device.path) gave a buffer that it does not have.")
        }
        let filled = Filled(
            index: Int(buffer.index), count: min(Int(buffer.bytesused), memory[Int(buffer.index)].count),
            sequence: buffer.sequence, capturedAt: CaptureTime.instant(of: buffer))
        return (filled, buffer.flags & UInt32(V4L2_BUF_FLAG_ERROR) != 0)
    }

    private borrowing func isWhole(_ filled: Filled) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: memory[filled.index].prefix(filled.count))
        if format.encoding == .jpeg { return WholeFrame.jpegLength(bytes) != nil }
        return filled.count >= RawPicture.bytesNeeded(format.emptyImage) ?? .max
    }

    private static func give(back index: Int, to device: borrowing VideoDevice) throws(EdgeError) {
        var buffer = v4l2_buffer.capture
        buffer.index = UInt32(index)
        let status = device.request(CV4L2_QBUF, &buffer)
        guard status == 0 else { throw lost(status, device.path) }
    }

    /// A device that streamed and now refuses has gone: drivers say ENODEV, EINVAL or EIO for the same unplugging.
    private static func lost(_ number: CInt, _ path: String) -> EdgeError {
        let reason = String(cString: strerror(number))
        switch number {
        case ENODEV, ENXIO: return EdgeError(.cameraMissing, "\(path) has gone (\(reason)).")
        default: return EdgeError(.cameraFailed, "\(path) stopped streaming (\(reason)).")
        }
    }
}

extension VideoStream.Format {
    /// A picture of this format without bytes, to ask how many it needs.
    var emptyImage: EncodedImage {
        EncodedImage(encoding: encoding, width: width, height: height, stride: stride, bytes: [])
    }
}

extension v4l2_buffer {
    /// A request about a mapped capture buffer.
    static var capture: v4l2_buffer {
        var buffer = v4l2_buffer()
        buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        buffer.memory = V4L2_MEMORY_MMAP.rawValue
        return buffer
    }
}
