import EdgeCore
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads request bodies: counted while they stream, and never for longer than the limit of time.
struct BodyReader: Sendable {
    let maximumBytes: Int
    let timeout: Duration

    /// All fields of a JSON, multipart or URL-encoded body; `bytes` where it was read already.
    ///
    /// Without a content type and with nothing in it, a body that is not required counts as empty.
    func fields(of request: Request, _ bytes: [UInt8]? = nil, required: Bool = true) async throws -> RequestFields {
        guard let contentType = request.headers[.contentType] else {
            let bytes = try await whole(request, bytes)
            guard bytes.isEmpty, !required else { throw EdgeError(.requestMediaType) }
            return RequestFields()
        }
        switch Self.mediaType(of: contentType) {
        case "application/json":
            let bytes = try await whole(request, bytes)
            return bytes.isEmpty && !required ? RequestFields() : try RequestFields(json: bytes)
        case "application/x-www-form-urlencoded":
            return try RequestFields(form: try await whole(request, bytes))
        case "multipart/form-data":
            guard let boundary = MultipartParser.boundary(of: contentType) else {
                throw EdgeError(.requestMalformed, "The multipart boundary is missing or not a legal one.")
            }
            guard let bytes else { return try await multipart(request, boundary: boundary) }
            var collector = MultipartCollector(boundary: boundary)
            try collector.feed(bytes)
            return try collector.fields()
        default:
            throw EdgeError(.requestMediaType)
        }
    }

    private func whole(_ request: Request, _ bytes: [UInt8]?) async throws -> [UInt8] {
        if let bytes { return bytes }
        return try await self.bytes(of: request)
    }

    /// The whole body.
    ///
    /// Throws `request.too_large`, `request.timeout`.
    func bytes(of request: Request) async throws -> [UInt8] {
        try await read(request, into: [UInt8]()) { bytes, piece in
            bytes.append(contentsOf: piece.readableBytesView)
        }
    }

    private func multipart(_ request: Request, boundary: String) async throws -> RequestFields {
        let start = MultipartCollector(boundary: boundary)
        let collector = try await read(request, into: start) { collector, piece throws in
            try collector.feed(piece.readableBytesView)
        }
        return try collector.fields()
    }

    /// Folds the pieces of the body into a value.
    private func read<Value: Sendable>(
        _ request: Request, into start: Value, with add: @Sendable @escaping (inout Value, ByteBuffer) throws -> Void
    ) async throws -> Value {
        if let text = request.headers[.contentLength], let length = Int(text), length > maximumBytes {
            throw tooLarge
        }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask {
                var value = start
                var count = 0
                for try await piece in request.body {
                    count += piece.readableBytes
                    guard count <= maximumBytes else { throw tooLarge }
                    try add(&value, piece)
                }
                return value
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw EdgeError(.requestTimeout)
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }

    private var tooLarge: EdgeError {
        EdgeError(.requestTooLarge, "The request body is larger than \(maximumBytes) bytes.")
    }

    static func mediaType(of contentType: String) -> String {
        let type = contentType.prefix { $0 != ";" }
        return type.filter { !$0.isWhitespace }.lowercased()
    }
}
