import EdgeCore

/// What a worker is asked for, beside the memory that the picture lies in: 40 bytes, the low byte of a number first.
struct DecodeRequest: Equatable {
    enum Work: UInt8 {
        /// Pixels, BGR.
        case pixels = 1
        /// The small grey picture of a JPEG.
        case grey = 2
        /// Nothing: whether somebody is there.
        case greeting = 3
    }

    static let length = 40
    private static let mark: UInt32 = 0x3143_4544
    private static let encodings: [ImageEncoding] = [.jpeg, .png, .webp]

    /// The answer bears it again.
    var number: UInt64
    var work: Work
    var encoding = ImageEncoding.jpeg
    /// Bytes of the picture in the memory that was handed over.
    var count = 0
    var scale = DecodeScale.full
    /// What it becomes, as the header says that the daemon has read.
    var size = PixelSize(width: 0, height: 0)

    /// Bytes that the answer has in memory.
    var outputCount: Int {
        switch work {
        case .pixels: 3 * size.width * size.height
        case .grey: size.width * size.height
        case .greeting: 0
        }
    }
}

extension DecodeRequest {
    /// As it is sent.
    var bytes: [UInt8] {
        var form = WireForm(capacity: Self.length)
        form.append(Self.mark)
        form.append(UInt32(work.rawValue) | UInt32(Self.encodings.firstIndex(of: encoding) ?? 0) << 8)
        form.append(number)
        form.append(UInt64(count))
        switch scale {
        case .full: form.append(0 as UInt32)
        case .atLeast(let side): form.append(UInt32(clamping: max(side, 1)))
        }
        form.append(UInt32(clamping: size.width))
        form.append(UInt32(clamping: size.height))
        form.append(0 as UInt32)
        return form.bytes
    }

    /// Reads one; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        var form = WireReader(bytes)
        guard bytes.count == Self.length, form.number32() == Self.mark else { return nil }
        let kinds = form.number32()
        guard let work = Work(rawValue: UInt8(truncatingIfNeeded: kinds)), kinds >> 8 < Self.encodings.count else {
            return nil
        }
        self.work = work
        encoding = Self.encodings[Int(kinds >> 8)]
        number = form.number64()
        guard let count = Int(exactly: form.number64()) else { return nil }
        self.count = count
        let side = form.number32()
        scale = side == 0 ? .full : .atLeast(longSide: Int(side))
        // Two sides of 24 bits: what they take can be counted without running over.
        let (width, height) = (form.number32(), form.number32())
        guard width < 1 << 24, height < 1 << 24, form.number32() == 0 else { return nil }
        size = PixelSize(width: Int(width), height: Int(height))
    }
}

/// Numbers one after another, the low byte first.
struct WireForm {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ number: some FixedWidthInteger) {
        for place in 0..<number.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }
}

/// Reads them again; what is not there is 0.
struct WireReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    mutating func number32() -> UInt32 { UInt32(truncatingIfNeeded: number(4)) }
    mutating func number64() -> UInt64 { number(8) }

    private mutating func number(_ count: Int) -> UInt64 {
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
