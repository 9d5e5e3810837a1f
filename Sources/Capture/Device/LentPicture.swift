import EdgeCore

/// A picture in the driver's memory, to be looked at where it lies; valid as long as it is lent.
struct LentPicture {
    private let bytes: UnsafeRawBufferPointer
    private let form: EncodedImage

    /// `form` is a picture of this format without bytes.
    init(_ bytes: UnsafeRawBufferPointer, _ form: EncodedImage) {
        self.bytes = bytes
        self.form = form
    }

    /// What tells it from others.
    var fingerprint: PictureFingerprint { PictureFingerprint(lent: bytes, form.encoding) }

    /// What is where in it, roughly; `nil` when it cannot be read.
    func grid(by reader: any LightReader) -> LumaGrid? { LumaGrid(lent: bytes, form, by: reader) }

    /// How bright it is; `nil` when it cannot be read.
    func brightness(by reader: any LightReader) -> Brightness? { Brightness(lent: bytes, form, by: reader) }
}
