import CV4L2
import EdgeCore

/// The driver's buffers in our memory; unmapped when the owner lets go.
struct MappedBuffers: ~Copyable {
    private static let wanted: UInt32 = 4
    private let mapped: [UnsafeMutableRawBufferPointer]

    /// Asks the driver for buffers and maps them all.
    init(of device: borrowing VideoDevice, atLeast bytes: Int) throws(EdgeError) {
        var request = v4l2_requestbuffers()
        request.count = Self.wanted
        request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        request.memory = V4L2_MEMORY_MMAP.rawValue
        try device.require(CV4L2_REQBUFS, &request, "asking for buffers")
        var mapped: [UnsafeMutableRawBufferPointer] = []
        do throws(EdgeError) {
            // With one buffer the driver has none to fill while we read.
            guard request.count >= 2 else { throw EdgeError(.cameraFailed, "\(device.path) has too little memory.") }
            for index in 0..<request.count {
                let buffer = try Self.map(index, of: device)
                mapped.append(buffer)
                guard buffer.count >= bytes else {
                    throw EdgeError(.cameraFailed, "\(device.path) has buffers too small for a picture.")
                }
            }
        } catch {
            Self.unmap(mapped)
            throw error
        }
        self.mapped = mapped
    }

    deinit { Self.unmap(mapped) }

    var count: Int { mapped.count }

    /// One buffer; valid as long as the owner.
    subscript(index: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(mapped[index]) }

    private static func map(
        _ index: UInt32, of device: borrowing VideoDevice
    ) throws(EdgeError) -> UnsafeMutableRawBufferPointer {
        var buffer = v4l2_buffer.capture
        buffer.index = index
        try device.require(CV4L2_QUERYBUF, &buffer, "asking for a buffer")
        var memory: UnsafeMutableRawPointer?
        let status = cv4l2_map(device.descriptor, Int(buffer.length), Int64(buffer.m.offset), &memory)
        guard status == 0 else { throw DeviceFault.error(status, "mapping a buffer", device.path) }
        return UnsafeMutableRawBufferPointer(start: memory, count: Int(buffer.length))
    }

    private static func unmap(_ mapped: [UnsafeMutableRawBufferPointer]) {
        for buffer in mapped { v4l2_munmap(buffer.baseAddress, buffer.count) }
    }
}
