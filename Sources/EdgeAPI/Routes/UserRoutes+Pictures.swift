import EdgeCore
import HTTPTypes
import Hummingbird

/// Pictures of users.
extension UserRoutes {
    static let pictureMembers: [(kind: PersonImageKind, name: String)] = [
        (.profile, "profile_image"), (.oldPhoto, "old_profile_photo"),
    ]

    /// A picture in the body whose header is that of one; `nil` when none was sent.
    func sentPicture(_ name: String, _ call: APICall) throws(EdgeError) -> PersonImage? {
        guard let bytes = call.body.files[name] else { return nil }
        guard bytes.count <= maximumImageBytes else {
            throw EdgeError(
                .requestTooLarge, "The picture is larger than \(maximumImageBytes) bytes.", field: name)
        }
        let image: EncodedImage
        do throws(EdgeError) {
            image = try services.pictures.inspect(bytes)
        } catch {
            throw EdgeError(error.code, error.detail, field: name)
        }
        switch image.encoding {
        case .jpeg: return PersonImage(mediaType: "image/jpeg", bytes: bytes)
        case .png: return PersonImage(mediaType: "image/png", bytes: bytes)
        case .webp: return PersonImage(mediaType: "image/webp", bytes: bytes)
        case .grey, .yuyv, .nv12, .bgr: throw EdgeError(.imageUnsupported, field: name)
        }
    }

    func picture(_ kind: PersonImageKind, _ call: APICall) async throws -> Response {
        let person = try await person(call)
        guard let image = try await services.people.image(kind, of: person.id, client: person.client) else {
            throw EdgeError(.recordUnknown, "The user has no such picture.")
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: image.mediaType, .cacheControl: "private, no-store", .contentDisposition: "inline",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: image.bytes)))
    }

    /// Compares the old photo with the templates, and keeps how like they are.
    func preload(_ call: APICall) async throws -> Response {
        let person = try await person(call)
        guard person.isActive, person.isEnrolled else { return told("The user is not enrolled.", person, false) }
        let photo = try await services.people.image(.oldPhoto, of: person.id, client: person.client)
        guard let photo else { return told("The user has no old photo.", person, false) }
        let similarity = try await similarity(of: photo, to: person)
        let noted = try await services.people.noteOldPhoto(similarity: similarity, of: person)
        return told(
            similarity == nil
                ? "The old photo shows no single usable face." : "The old photo was compared with the enrolled face.",
            noted, true)
    }

    /// What is damaged behind its header is as useless as a picture without a face.
    private func similarity(of photo: PersonImage, to person: PersonRecord) async throws(EdgeError) -> Double? {
        do throws(EdgeError) {
            return try await services.live.similarity(of: photo.bytes, to: person.id, client: person.client)
        } catch {
            switch error.code.kind {
            case .invalid, .tooLarge: return nil
            case .unauthorized, .forbidden, .notFound, .conflict, .gone, .unsupported, .limited, .unavailable, .failed:
                throw error
            }
        }
    }

    private func told(_ message: String, _ person: PersonRecord, _ isCompared: Bool) -> Response {
        .json([
            "message": .string(message), "preload_started": .bool(isCompared), "user_id": .string(person.externalID),
            "similarity_with_old_photo": .rounded(person.oldPhotoSimilarity, places: 2),
        ])
    }
}
