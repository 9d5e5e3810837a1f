import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Receipts of erasures")
struct ErasureRouteTests {
    @Test("the answer to a removal says where its receipt is, and the receipt says what was destroyed")
    func receipt() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let user = try await caller.user("jane").string("id")
            let gone = try await caller.call(.delete, "/api/clients/users/jane/")
            #expect(gone.status == 204 && gone.text.isEmpty)
            let name = try #require(HTTPField.Name("Link"))
            let link = try #require(gone.headers[name])
            let id = try #require(api.people.state.withLock { $0.erasures.first?.receipt.id })
            #expect(link.hasSuffix("/api/clients/erasures/\(id)/>; rel=\"describedby\""))
            let read = try await caller.call(.get, "/api/clients/erasures/\(id)/")
            read.expect(ErasureRoutes.retrieve)
            #expect(read["client_user"] == .string(user) && read["cause"] == "request")
            #expect(read["destroyed"]?.objectValue?["templates"] == 3)
            #expect(read["receipt"] == "a note\n" && read["completion"] == .null && read["key_destroyed_at"] == .null)
            let list = try await caller.call(.get, "/api/clients/erasures/")
            list.expect(ErasureRoutes.list)
            #expect(list["count"] == 1)
        }
    }

    @Test("another tenant finds none of it, and kiosks and doors may not ask")
    func tenants() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await caller.user("jane")
            _ = try await caller.call(.delete, "/api/clients/users/jane/")
            let id = try #require(api.people.state.withLock { $0.erasures.first?.receipt.id })
            #expect(try await caller.call(.get, "/api/clients/erasures/\(id)/", as: "two").status == 404)
            #expect(try await caller.call(.get, "/api/clients/erasures/", as: "two")["count"] == 0)
            #expect(try await caller.call(.get, "/api/clients/erasures/\(ErasureID())/").status == 404)
        }
        #expect(ErasureRoutes.list.access == .tenant && ErasureRoutes.retrieve.access == .tenant)
    }
}
