import EdgeCore
import Testing

@testable import EdgeAPI

@Suite("Fields at fault")
struct FieldFaultTests {
    @Test("fields at fault are named, all of them")
    func namesFaults() async throws {
        try await TestAPI().test { caller in
            let faults: [(body: JSONObject, fields: [String])] = [
                (["session_type": "fax", "frame_source": "film"], ["user_id", "session_type", "frame_source"]),
                (
                    ["user_id": "a", "session_type": "api", "metadata": ["target_samples": "many"], "camera": 7],
                    ["camera"]
                ),
            ]
            for (body, fields) in faults {
                let answer = try await caller.post("/api/auth/enrollment/", .object(body))
                #expect(answer.status == 400)
                for field in fields {
                    guard case .array = answer[field] else {
                        Issue.record("\(field) is not named")
                        continue
                    }
                }
            }
            let long = JSONValue.string(String(repeating: "x", count: 101))
            let other = try await caller.post("/api/auth/enrollment/", ["user_id": long, "session_type": "api"])
            #expect(other["user_id"] == ["Ensure this field has no more than 100 characters."])
            let large = try await caller.post(
                "/api/auth/enrollment/",
                [
                    "user_id": "a", "session_type": "api",
                    "metadata": ["x": .string(String(repeating: "y", count: 5000))],
                ])
            #expect(large.status == 400)
        }
    }
}
