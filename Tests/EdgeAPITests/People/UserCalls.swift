import HTTPTypes
import Testing

@testable import EdgeAPI

extension APICaller {
    /// Any method, with a JSON body where one is given.
    func call(
        _ method: HTTPRequest.Method, _ uri: String, _ json: JSONValue? = nil, as name: String = "one"
    ) async throws -> Answer {
        var headers: HTTPFields = [.authorization: "Bearer \(try await token(of: name))"]
        if json != nil { headers[.contentType] = "application/json" }
        return try await send(method, uri, headers: headers, body: json?.bytes)
    }

    /// Makes a user known.
    func user(_ externalID: String) async throws -> Answer {
        let made = try await call(.post, "/api/clients/users/", ["external_user_id": .string(externalID)])
        #expect(made.status == 201, "\(made.text)")
        return made
    }
}

extension Answer {
    /// The items of a page.
    var items: [JSONObject] {
        guard case .array(let values) = body["results"] else { return [] }
        return values.compactMap(\.objectValue)
    }
}
