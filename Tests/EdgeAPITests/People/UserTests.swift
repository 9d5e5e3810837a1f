import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Users")
struct UserTests {
    @Test("a user made known is answered with everything that can be read of one")
    func creates() async throws {
        try await TestAPI().test { caller in
            let second = UUID().uuidString
            let made = try await caller.call(
                .post, "/api/clients/users/",
                [
                    "external_user_id": "jane", "external_user_uuid": .string(second), "profile": ["name": "Jane"],
                    "metadata": ["floor": 4], "face_auth_enabled": false, "id": "ignored", "is_enrolled": true,
                ])
            made.expect(UserRoutes.create, status: 201)
            #expect(made["user_id"] == "jane" && made["external_user_id"] == "jane")
            #expect(made["external_user_uuid"] == .string(second.lowercased()))
            #expect(made["profile"] == ["name": "Jane"] && made["metadata"] == ["floor": 4])
            #expect(made["face_auth_enabled"] == false && made["is_enrolled"] == false)
            #expect(made["profile_image_url"] == .null)
            let read = try await caller.call(.get, "/api/clients/users/jane")
            read.expect(UserRoutes.retrieve)
            #expect(read.body == made.body)
        }
    }

    @Test("an id that is taken is a conflict, and a full quota is said as one")
    func refusals() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await caller.user("jane")
            let taken = try await caller.call(.post, "/api/clients/users/", ["external_user_id": "jane"])
            #expect(taken.status == 409 && taken["code"] == "person.exists")
            #expect(taken["external_user_id"] != nil)
            #expect(try await caller.call(.post, "/api/clients/users/", [:]).status == 400)
            #expect(
                try await caller.call(.post, "/api/clients/users/", ["external_user_id": "j"], as: "two").status == 201)
            api.people.state.withLock { $0.quota = 0 }
            let full = try await caller.call(.post, "/api/clients/users/", ["external_user_id": "new"])
            #expect(full.status == 403 && full["code"] == "quota.reached")
        }
    }

    @Test(
        "a user is found by their own id however it is written, by ours, and by the second id",
        arguments: ["john.doe", "jane@example.org", "a/b", "50%", "ü ñ", "9B2E0B54-0B39-4A57-A7F0-2C0B4E6E8B54"])
    func names(externalID: String) async throws {
        try await TestAPI().test { caller in
            let second = UUID().uuidString
            let made = try await caller.call(
                .post, "/api/clients/users/",
                ["external_user_id": .string(externalID), "external_user_uuid": .string(second)])
            for name in [externalID, try made.string("id"), second] {
                for slash in ["", "/"] {
                    let found = try await caller.call(.get, "/api/clients/users/\(escaped(name))\(slash)")
                    #expect(found.status == 200 && found["id"] == made["id"])
                }
                let foreign = try await caller.call(.get, "/api/clients/users/\(escaped(name))/", as: "two")
                #expect(foreign.status == 404 && foreign["code"] == "person.unknown")
            }
        }
    }

    @Test("PATCH changes what it names, PUT wants the id, and both leave the rest as it is")
    func changes() async throws {
        try await TestAPI().test { caller in
            _ = try await caller.call(
                .post, "/api/clients/users/",
                ["external_user_id": "jane", "profile": ["a": 1], "external_user_uuid": .string(UUID().uuidString)])
            let patched = try await caller.call(.patch, "/api/clients/users/jane/", ["metadata": ["b": 2]])
            patched.expect(UserRoutes.partialUpdate)
            #expect(patched["profile"] == ["a": 1] && patched["metadata"] == ["b": 2])
            #expect(patched["external_user_uuid"] != .null)
            let bare = try await caller.call(.patch, "/api/clients/users/jane/", ["external_user_uuid": .null])
            #expect(bare["external_user_uuid"] == .null)
            #expect(try await caller.call(.put, "/api/clients/users/jane/", ["metadata": [:]]).status == 400)
            let renamed = try await caller.call(.put, "/api/clients/users/jane/", ["external_user_id": "june"])
            renamed.expect(UserRoutes.update)
            #expect(renamed["id"] == bare["id"] && renamed["user_id"] == "june" && renamed["profile"] == ["a": 1])
            #expect(try await caller.call(.get, "/api/clients/users/jane/").status == 404)
            _ = try await caller.user("jane")
            let taken = try await caller.call(.patch, "/api/clients/users/jane/", ["external_user_id": "june"])
            #expect(taken.status == 409)
        }
    }

    @Test("the gallery in memory hears of who may be recognised, after the store")
    func gallery() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let id = try await caller.user("jane").string("id")
            api.people.edit("jane") { $0.isEnrolled = true }
            let off = try await caller.call(.post, "/api/clients/users/jane/deactivate/")
            off.expect(UserRoutes.deactivate)
            #expect(off["user"]?.objectValue?["face_auth_enabled"] == false)
            let on = try await caller.call(.post, "/api/clients/users/jane/activate/")
            on.expect(UserRoutes.activate)
            #expect(on["user"]?.objectValue?["face_auth_enabled"] == true)
            _ = try await caller.call(.patch, "/api/clients/users/jane/", ["face_auth_enabled": false])
            let gone = try await caller.call(.delete, "/api/clients/users/jane/")
            #expect(gone.status == 204 && gone.text.isEmpty)
            #expect(api.people.told == ["removed \(id)", "changed \(id)", "removed \(id)", "removed \(id)"])
            #expect(try await caller.call(.delete, "/api/clients/users/jane/").status == 404)
        }
    }

    @Test("who is not enrolled any more by the time that the gallery hears of it does not stay in it")
    func secondLook() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let id = try await caller.user("jane").string("id")
            // The store let the change pass, and another one came before the gallery was told of it.
            api.people.edit("jane") { $0.isEnrolled = false }
            _ = try await caller.call(.post, "/api/clients/users/jane/activate/")
            #expect(api.people.told == ["changed \(id)", "removed \(id)"])
        }
    }

    @Test("a list comes newest first in pages of twenty, and shows nobody else's users")
    func pages() async throws {
        try await TestAPI().test { caller in
            for number in 0..<21 { _ = try await caller.user("E-\(number)") }
            let first = try await caller.call(.get, "/api/clients/users/")
            first.expect(UserRoutes.list)
            #expect(first["count"] == 21 && first["previous"] == .null)
            #expect(first.items.count == 20 && first.items.first?["user_id"] == "E-20")
            let next = try #require(first["next"]?.stringValue)
            #expect(next.hasSuffix("/api/clients/users/?page=2"))
            let second = try await caller.call(.get, "/api/clients/users/?page=2")
            #expect(second.items.map { $0["user_id"] } == ["E-0"] && second["next"] == .null)
            for page in ["3", "0", "x", "99999999999999999999"] {
                let none = try await caller.call(.get, "/api/clients/users/?page=\(page)")
                #expect(none.status == 404 && none["code"] == "request.page")
            }
            #expect(try await caller.call(.get, "/api/clients/users/", as: "two")["count"] == 0)
        }
    }

    @Test("what is too large is refused as that", arguments: ["profile", "metadata"])
    func tooLarge(member: String) async throws {
        try await TestAPI().test { caller in
            let text = String(repeating: "x", count: UserRoutes.maximumObjectBytes)
            var body: JSONObject = ["external_user_id": "jane"]
            body[member] = ["text": .string(text)]
            let made = try await caller.call(.post, "/api/clients/users/", .object(body))
            #expect(made.status == 413 && made["code"] == "request.too_large")
            #expect(made.body[member] != nil)
        }
    }

    @Test("nobody of another tenant is found by any route")
    func tenants() async throws {
        try await TestAPI().test { caller in
            let id = try await caller.user("jane").string("id")
            for name in ["jane", id] {
                let path = "/api/clients/users/\(name)/"
                for tail in ["", "enrollments/", "profile-image/", "old-photo/"] {
                    #expect(try await caller.call(.get, path + tail, as: "two").status == 404)
                }
                for tail in ["activate/", "deactivate/", "preload/"] {
                    #expect(try await caller.call(.post, path + tail, as: "two").status == 404)
                }
                #expect(try await caller.call(.patch, path, ["profile": [:]], as: "two").status == 404)
                #expect(try await caller.call(.put, path, ["external_user_id": "x"], as: "two").status == 404)
                #expect(try await caller.call(.delete, path, as: "two").status == 404)
            }
            #expect(try await caller.call(.get, "/api/clients/users/jane/").status == 200)
        }
    }

    private func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
