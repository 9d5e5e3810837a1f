import EdgeCore
import HTTPTypes
import Hummingbird
import SyncCore

extension BodyDesk {
    /// The largest message, bytes, as sent and as opened.
    static let messageLimit = 8 * 1024 * 1024

    /// The JSON of a message, opened where it came as gzip, and looked over for what hostile JSON is made for.
    ///
    /// Throws `request.malformed`, `request.media_type`, `request.too_large`.
    func message(of request: Request) async throws -> [UInt8] {
        guard BodyReader.mediaType(of: request.headers[.contentType] ?? "") == "application/json" else {
            throw EdgeError(.requestMediaType)
        }
        let sent = try await messages.bytes(of: request)
        let bytes =
            switch request.headers[.contentEncoding]?.lowercased() {
            case nil, "identity": sent
            case "gzip", "x-gzip": try Self.opened(sent)
            default: throw EdgeError(.requestMediaType, "The content encoding is not read here; use gzip.")
            }
        try JSONLimits.check(bytes)
        return bytes
    }

    private static func opened(_ bytes: [UInt8]) throws(EdgeError) -> [UInt8] {
        do throws(GzipBody.Fault) {
            return try GzipBody.opened(bytes, limit: messageLimit)
        } catch {
            switch error {
            case .damaged: throw EdgeError(.requestMalformed, "The body is not whole gzip.")
            case .tooLarge:
                throw EdgeError(.requestTooLarge, "The request body is larger than \(messageLimit) bytes.")
            }
        }
    }
}
