import CV4L2
import EdgeCore

extension VideoDevice {
    /// Everything the driver lists; `near` says for which size of a range the rates are asked.
    borrowing func formats(near wish: FormatWish) -> [CameraFormat] {
        var formats: [CameraFormat] = []
        var entry = v4l2_fmtdesc()
        entry.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        while formats.count < 256, request(CV4L2_ENUM_FMT, &entry) == 0 {
            let code = FourCC(code: entry.pixelformat)
            formats.append(
                CameraFormat(
                    code: code.description, description: CText.string(of: entry.description),
                    isCompressed: entry.flags & UInt32(V4L2_FMT_FLAG_COMPRESSED) != 0,
                    isEmulated: entry.flags & UInt32(V4L2_FMT_FLAG_EMULATED) != 0,
                    sizes: code.encoding == nil ? [] : sizes(of: code, near: wish)))
            entry.index += 1
        }
        return formats
    }

    private borrowing func sizes(of format: FourCC, near wish: FormatWish) -> [CameraSize] {
        var sizes: [CameraSize] = []
        var entry = v4l2_frmsizeenum()
        entry.pixel_format = format.code
        while sizes.count < 256, request(CV4L2_ENUM_FRAMESIZES, &entry) == 0 {
            entry.index += 1
            guard entry.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else {
                // A range stands alone: the driver has no second entry.
                return [sizeRange(entry.stepwise, of: format, near: wish)]
            }
            var size = CameraSize(width: Int(entry.discrete.width), height: Int(entry.discrete.height), intervals: [])
            fillIntervals(of: format, at: PixelSize(width: size.width, height: size.height), into: &size)
            sizes.append(size)
        }
        return sizes
    }

    private borrowing func sizeRange(
        _ range: v4l2_frmsize_stepwise, of format: FourCC, near wish: FormatWish
    ) -> CameraSize {
        var size = CameraSize(
            width: Int(range.min_width), height: Int(range.min_height),
            range: .init(
                maximumWidth: Int(range.max_width), maximumHeight: Int(range.max_height),
                widthStep: Int(range.step_width), heightStep: Int(range.step_height)),
            intervals: [])
        fillIntervals(of: format, at: size.nearest(wish), into: &size)
        return size
    }

    private borrowing func fillIntervals(of format: FourCC, at size: PixelSize, into offer: inout CameraSize) {
        var entry = v4l2_frmivalenum()
        entry.pixel_format = format.code
        entry.width = UInt32(clamping: size.width)
        entry.height = UInt32(clamping: size.height)
        while offer.intervals.count < 256, request(CV4L2_ENUM_FRAMEINTERVALS, &entry) == 0 {
            entry.index += 1
            guard entry.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue else {
                offer.intervals = [FrameInterval(entry.stepwise.min), FrameInterval(entry.stepwise.max)]
                offer.isEveryIntervalPossible = true
                return
            }
            offer.intervals.append(FrameInterval(entry.discrete))
        }
    }
}

extension FrameInterval {
    init(_ fraction: v4l2_fract) {
        self.init(numerator: Int(fraction.numerator), denominator: Int(fraction.denominator))
    }
}
