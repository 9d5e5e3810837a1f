import EdgeCore

extension FaceCrop {
    /// An aligned face, RGB and 0…255, with its values rounded to whole numbers.
    init?(_ aligned: Tensor) {
        let plane = Self.side * Self.side
        guard aligned.values.count == 3 * plane else { return nil }
        let pixels = (0..<3 * plane).map { place in
            let value = aligned.values[place % 3 * plane + place / 3]
            return UInt8(min(max(value.rounded(), 0), 255))
        }
        self.init(pixels: pixels)
    }

    /// The face as the nets read it.
    var tensor: Tensor {
        let plane = Self.side * Self.side
        return Tensor(
            shape: [1, 3, Self.side, Self.side],
            values: (0..<3 * plane).map { Float(pixels[$0 % plane * 3 + $0 / plane]) })
    }
}
