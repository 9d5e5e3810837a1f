import EdgeCore

/// What a client's message asks for.
enum WebSocketRequest: Sendable, Equatable {
    case ping
    /// Bytes of a picture in a file format.
    case frame([UInt8])
    /// Why nothing can be done with the message, for people.
    case unreadable(String)

    /// No ping is longer, bytes: what is longer need not be read to know that it is none.
    static let longestPing = 1024

    /// Reads a text message; pictures of more than `limit` bytes are refused.
    ///
    /// A message without a type is a frame, as the reference has it.
    static func read(_ text: [UInt8], limit: Int) -> WebSocketRequest {
        guard let object = (try? JSONValue.parse(text))?.objectValue else {
            return .unreadable("A message is a JSON object.")
        }
        switch object["type"] ?? "frame" {
        case "ping": return .ping
        case "frame": return frame(object["image"], limit: limit)
        case .string(let type): return .unreadable("Unknown message type: \(type.prefix(40))")
        default: return .unreadable("Unknown message type")
        }
    }

    private static func frame(_ image: JSONValue?, limit: Int) -> WebSocketRequest {
        do {
            return .frame(try ImageField.bytes(of: image.map { .json($0) }, limit: limit))
        } catch let errors as FieldErrors {
            return .unreadable(errors.messages.map { "\($0.field): \($0.text)" }.joined(separator: " "))
        } catch let error as EdgeError {
            return .unreadable(error.detail)
        } catch {
            return .unreadable("The image cannot be read.")
        }
    }
}
