import EdgeCore

extension Image {
    /// An image whose bytes `fill` writes, all of them; no byte is written twice.
    ///
    /// `fill` returns false when the picture is damaged; then there is no image.
    init(
        _ size: PixelSize, damaged: String, filledBy fill: (UnsafeMutablePointer<UInt8>) -> Bool
    ) throws(EdgeError) {
        var isWhole = false
        let count = 3 * size.width * size.height
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            isWhole = fill(base)
            initialized = isWhole ? count : 0
        }
        guard isWhole else { throw EdgeError(.imageCorrupt, damaged) }
        self.init(width: size.width, height: size.height, pixels: pixels)
    }
}
