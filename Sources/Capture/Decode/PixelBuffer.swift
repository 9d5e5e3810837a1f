import EdgeCore

extension Image {
    /// An image whose bytes `fill` writes, all of them; no byte is written twice.
    ///
    /// `fill` throws when the picture is damaged; then there is no image.
    init(
        _ size: PixelSize, filledBy fill: (UnsafeMutablePointer<UInt8>) throws(EdgeError) -> Void
    ) throws(EdgeError) {
        var failure: EdgeError?
        let count = 3 * size.width * size.height
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            do throws(EdgeError) {
                try fill(base)
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        self.init(width: size.width, height: size.height, pixels: pixels)
    }
}
