import EdgeCore
import HTTPTypes
import Hummingbird

/// Receipts of erasures, which outlive the people.
struct ErasureRoutes: Sendable {
    let services: APIServices

    static let path = "/api/clients/erasures"

    static let list = Operation(
        .get, path, id: "clients_erasures_list", tag: .clients, "Receipts of erasures", access: .tenant,
        answers: [.page(of: "Erasure")]
    ).asks(.page)

    static let retrieve = Operation(
        .get, path + "/{id}", id: "clients_erasures_retrieve", tag: .clients, "The receipt of an erasure",
        access: .tenant, answers: [.ok(.component("Erasure"))]
    ).ofUUID().details(
        """
        Signed by the device when the user was erased. A second note is added when the key is destroyed under which \
        copies of the store made before could be opened, within a day.
        """)

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.list, list)
        routes.add(Self.retrieve, retrieve)
    }

    private func list(_ call: APICall) async throws -> Response {
        let key = try await services.erasures.erasureVerifierKey()
        let page = try await services.erasures.erasures(of: try call.client().id, page: call.page)
        return .json(try Page.body(page, of: call) { ErasureBody.erasure($0, verifierKey: key) })
    }

    private func retrieve(_ call: APICall) async throws -> Response {
        guard let found = try await services.erasures.erasure(try call.id(), of: try call.client().id) else {
            throw EdgeError(.recordUnknown)
        }
        let key = try await services.erasures.erasureVerifierKey()
        return .json(ErasureBody.erasure(found, verifierKey: key))
    }
}

extension Response {
    /// The answer to a removal: nothing, and where its receipt is.
    static func erased(_ record: ErasureRecord, _ call: APICall) -> Response {
        var response = Response(status: .noContent)
        if let name = HTTPField.Name("Link") {
            response.headers[name] =
                "<\(call.origin)\(ErasureRoutes.path)/\(record.receipt.id)/>; rel=\"describedby\""
        }
        return response
    }
}

extension Operation.Answer {
    /// Nothing, with the address of a receipt in the header `Link`.
    static let erased = Operation.Answer(
        status: .noContent, note: "Done; the receipt is at the address in the header Link.", headers: ["Link"])
}
