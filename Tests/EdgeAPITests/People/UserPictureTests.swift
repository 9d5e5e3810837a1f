import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Pictures of users")
struct UserPictureTests {
    private let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 1, 2, 3]

    @Test("a picture in JSON is served as it was sent, at an absolute address, until it is taken away")
    func json() async throws {
        try await TestAPI().test { caller in
            let url = "data:image/jpeg;base64,\(Picture.base64)"
            let made = try await caller.call(
                .post, "/api/clients/users/",
                ["external_user_id": "jane", "profile_image": .string(url), "old_profile_photo": .null])
            made.expect(UserRoutes.create, status: 201)
            let address = try made.string("profile_image_url")
            #expect(address.hasPrefix("http://") && made["profile_image"] == .string(address))
            let path = try #require(address.split(separator: "/api/").last)
            let picture = try await caller.call(.get, "/api/\(path)")
            #expect(picture.status == 200 && picture.headers[.contentType] == "image/jpeg")
            #expect(Array(picture.bytes) == EdgeAPITests.Picture.bytes)
            #expect(try await caller.call(.get, "/api/clients/users/jane/old-photo/").status == 404)
            let without = try await caller.call(.patch, "/api/clients/users/jane/", ["profile_image": .null])
            #expect(without["profile_image_url"] == .null)
            #expect(try await caller.call(.get, "/api/clients/users/jane/profile-image/").status == 404)
        }
    }

    @Test("a form carries both pictures as files, and the objects as text")
    func form() async throws {
        try await TestAPI().test { caller in
            let made = try await caller.post(
                "/api/clients/users/",
                parts: [
                    ("external_user_id", nil, Array("jane".utf8)), ("profile", nil, Array(#"{"name":"Jane"}"#.utf8)),
                    ("profile_image", "a.png", png), ("old_profile_photo", "b.jpg", Picture.bytes),
                    ("face_auth_enabled", nil, Array("false".utf8)),
                ])
            made.expect(UserRoutes.create, status: 201)
            #expect(made["profile"] == ["name": "Jane"] && made["face_auth_enabled"] == false)
            let picture = try await caller.call(.get, "/api/clients/users/jane/profile-image/")
            #expect(picture.headers[.contentType] == "image/png" && Array(picture.bytes) == png)
            #expect(Array(try await caller.call(.get, "/api/clients/users/jane/old-photo/").bytes) == Picture.bytes)
        }
    }

    @Test("what is no picture is refused by its member's name, and nobody is made known")
    func refusals() async throws {
        var api = TestAPI()
        api.configuration.maximumImageBytes = 300
        try await api.test { caller in
            for (text, status, code) in [
                ("bm90IGEgcGljdHVyZQ==", 400, "image.unsupported"), ("%%%", 400, "request.invalid"),
                (Data([0xFF] + [UInt8](repeating: 0, count: 300)).base64EncodedString(), 413, "request.too_large"),
            ] {
                let answer = try await caller.call(
                    .post, "/api/clients/users/", ["external_user_id": "jane", "old_profile_photo": .string(text)])
                #expect(answer.status == status && answer["code"] == .string(code), "\(answer.text)")
                #expect(answer["old_profile_photo"] != nil)
            }
            #expect(try await caller.call(.get, "/api/clients/users/jane/").status == 404)
        }
    }

    @Test("preload compares the old photo with the enrolled face, and says when there is nothing to compare")
    func preload() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await caller.user("jane")
            func preload() async throws -> Answer {
                let answer = try await caller.call(.post, "/api/clients/users/jane/preload/")
                answer.expect(UserRoutes.preload)
                return answer
            }
            #expect(try await preload()["preload_started"] == false)
            api.people.edit("jane") { ($0.isEnrolled, $0.templateCount) = (true, 3) }
            #expect(try await preload()["preload_started"] == false)
            _ = try await caller.call(
                .patch, "/api/clients/users/jane/", ["old_profile_photo": .string(Picture.base64)])
            api.people.state.withLock { $0.similarity = .success(0.7654) }
            let compared = try await preload()
            #expect(compared["preload_started"] == true && compared["user_id"] == "jane")
            #expect(compared["similarity_with_old_photo"] == 0.77)
            #expect(api.people.state.withLock { $0.compared } == [Picture.bytes])
            #expect(try await caller.call(.get, "/api/clients/users/jane/")["similarity_with_old_photo"] == 0.77)
            // Damaged behind its header: no face, and no fault of the caller's either.
            api.people.state.withLock { $0.similarity = .failure(EdgeError(.imageCorrupt)) }
            #expect(try await preload()["similarity_with_old_photo"] == .null)
            api.people.state.withLock { $0.similarity = .failure(EdgeError(.recognitionFailed)) }
            #expect(try await caller.call(.post, "/api/clients/users/jane/preload/").status == 500)
        }
    }
}
