import CV4L2
import EdgeCore

extension VideoDevice {
    /// Sets format and size; returns what the driver made of it.
    borrowing func set(_ choice: FormatChoice) throws(EdgeError) -> VideoStream.Format {
        var format = v4l2_format()
        format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        format.fmt.pix.width = UInt32(clamping: choice.width)
        format.fmt.pix.height = UInt32(clamping: choice.height)
        format.fmt.pix.pixelformat = choice.format.code
        format.fmt.pix.field = V4L2_FIELD_ANY.rawValue
        try require(CV4L2_S_FMT, &format, "setting the format")
        let settled = format.fmt.pix
        guard settled.pixelformat == choice.format.code, settled.width > 0, settled.height > 0 else {
            throw EdgeError(
                .cameraFormat, "\(path) offers \(choice.format) and then gives \(FourCC(code: settled.pixelformat)).")
        }
        let width = Int(settled.width)
        return VideoStream.Format(
            encoding: choice.encoding, code: choice.format.description, width: width, height: Int(settled.height),
            stride: Self.stride(choice.encoding, width: width, told: Int(settled.bytesperline)))
    }

    /// Sets the time between frames and returns 0 or an errno; a driver that cannot keeps its own.
    @discardableResult
    borrowing func setInterval(_ interval: FrameInterval?) -> CInt {
        guard let interval else { return 0 }
        var parameters = v4l2_streamparm()
        parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        parameters.parm.capture.timeperframe.numerator = UInt32(clamping: interval.numerator)
        parameters.parm.capture.timeperframe.denominator = UInt32(clamping: interval.denominator)
        return request(CV4L2_S_PARM, &parameters)
    }

    /// The time between frames as the driver has it; `nil` when it does not tell.
    borrowing func interval() -> FrameInterval? {
        var parameters = v4l2_streamparm()
        parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        guard request(CV4L2_G_PARM, &parameters) == 0 else { return nil }
        let interval = FrameInterval(parameters.parm.capture.timeperframe)
        return interval.framesPerSecond > 0 ? interval : nil
    }

    /// Some drivers leave the stride empty.
    private static func stride(_ encoding: ImageEncoding, width: Int, told: Int) -> Int {
        switch encoding {
        case .jpeg, .png, .webp: 0
        case .grey: max(told, width)
        case .nv12: max(told, (width + 1) / 2 * 2)
        case .yuyv: max(told, (width + 1) / 2 * 4)
        case .bgr: max(told, 3 * width)
        }
    }
}
