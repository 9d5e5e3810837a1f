import EdgeCore

/// Finds the picture's bytes in whatever form a client sends them.
enum ImageField {
    /// The picture in a field: a file, or base64 text, a data URL, an object around either, or a list of those.
    static func bytes(of value: RequestFields.Value?, limit: Int) throws -> [UInt8] {
        let picture: [UInt8]
        switch value {
        case nil: throw FieldErrors("image", FieldErrors.required)
        case .json(.null): throw FieldErrors("image", FieldErrors.null)
        case .file(let bytes):
            // Some clients put the text of a data URL into a file part.
            picture = bytes.starts(with: "data:".utf8) ? try decode(bytes) : bytes
        case .text(let bytes): picture = try decode(bytes)
        case .json(let value): picture = try decode(Array(try text(in: value).utf8))
        }
        guard !picture.isEmpty else { throw EdgeError(.imageEmpty, field: "image") }
        guard picture.count <= limit else {
            throw EdgeError(.requestTooLarge, "The picture is larger than \(limit) bytes.", field: "image")
        }
        return picture
    }

    /// The base64 text inside a JSON value.
    private static func text(in value: JSONValue, depth: Int = 0) throws -> String {
        switch value {
        case .string(let text): return text
        case .object(let object) where depth < 2:
            for name in ["base64", "data", "image"] {
                if let inner = object[name] { return try text(in: inner, depth: depth + 1) }
            }
            throw FieldErrors("image", "An image object needs one of the keys base64, data, image.")
        case .array(let list) where depth < 2:
            guard let first = list.first else { throw FieldErrors("image", "The list of images is empty.") }
            return try text(in: first, depth: depth + 1)
        default: throw FieldErrors("image", "Send a file, base64 text or a data URL.")
        }
    }

    private static func decode(_ bytes: [UInt8]) throws -> [UInt8] {
        var text = bytes[...]
        if text.starts(with: "data:".utf8) {
            guard let comma = text.prefix(256).firstIndex(of: UInt8(ascii: ",")),
                text[..<comma].reversed().starts(with: ";base64".utf8.reversed())
            else { throw FieldErrors("image", "The data URL is not one with base64.") }
            text = text[(comma + 1)...]
        }
        guard let picture = Base64Text.decode(text) else {
            throw FieldErrors("image", "Invalid base64 image data.")
        }
        return picture
    }
}
