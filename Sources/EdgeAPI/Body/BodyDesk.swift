import EdgeCore
import Hummingbird

/// Reads and checks the body of an operation.
struct BodyDesk: Sendable {
    let small: BodyReader
    let pictures: BodyReader
    let messages: BodyReader

    /// The body's members as the schema wants them; `bytes` where it was read already.
    ///
    /// Throws every fault at once as ``FieldErrors``, or `request.malformed`, `request.media_type`, `request.too_large`.
    func fields(of request: Request, _ bytes: [UInt8]?, as wanted: Operation.Body) async throws -> Fields {
        let reader = reader(wanted)
        let sent = try await reader.fields(of: request, bytes, required: wanted.isRequired)
        var fields = Fields()
        var errors = FieldErrors()
        for property in wanted.schema.properties where !property.isReadOnly {
            guard let value = sent.value(property.name) else {
                if property.isRequired { errors.add(property.name, FieldErrors.required) }
                continue
            }
            Self.take(value, as: property, wanted, into: &fields, &errors)
        }
        if !wanted.needsOneOf.isEmpty, !wanted.needsOneOf.contains(where: { fields.flag($0) == true }) {
            errors.add("non_field_errors", "One of \(wanted.needsOneOf.joined(separator: ", ")) must be true.")
        }
        try errors.throwIfAny()
        return fields
    }

    /// The whole body as sent, for who must see it before it is read.
    func bytes(of request: Request, as wanted: Operation.Body) async throws -> [UInt8] {
        try await reader(wanted).bytes(of: request)
    }

    private func reader(_ wanted: Operation.Body) -> BodyReader {
        switch wanted.limit {
        case .small: small
        case .picture: pictures
        case .message: messages
        }
    }

    private static func take(
        _ value: RequestFields.Value, as property: Schema.Property, _ wanted: Operation.Body, into fields: inout Fields,
        _ errors: inout FieldErrors
    ) {
        let name = property.name
        if wanted.files.contains(name) {
            takeFile(value, as: property, into: &fields, &errors)
            return
        }
        switch value {
        case .json(let json): fields.values[name] = property.schema.check(json, name, &errors)
        case .text(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return errors.add(name, "Not a valid value.")
            }
            // An empty form field is what a browser sends for nothing.
            if text.isEmpty, !property.isRequired, !property.schema.isNullable, !property.schema.isText { return }
            fields.values[name] = property.schema.check(.string(text), name, isForm: true, &errors)
        case .file: errors.add(name, "Not a valid value.")
        }
    }

    /// A picture stays bytes, whatever carried it; `null`, and in a form an empty text, take one away.
    private static func takeFile(
        _ value: RequestFields.Value, as property: Schema.Property, into fields: inout Fields,
        _ errors: inout FieldErrors
    ) {
        switch value {
        case .json(.null), .text([]):
            if property.schema.isNullable {
                fields.values[property.name] = .null
            } else {
                errors.add(property.name, FieldErrors.null)
            }
        case .json, .text, .file:
            do {
                fields.files[property.name] = try ImageField.bytes(of: value, limit: .max)
            } catch let fault as FieldErrors {
                for message in fault.messages { errors.add(property.name, message.text) }
            } catch {
                errors.add(property.name, "Send a file, base64 text or a data URL.")
            }
        }
    }
}
