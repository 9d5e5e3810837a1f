import EdgeCore
import HTTPTypes

/// One thing that the API can do: what the router, the checks before the handler and the document are made of.
struct Operation: Sendable {
    let method: HTTPRequest.Method
    /// With `{names}` for parameters and without the slash at the end.
    let path: String
    /// Unique; clients are generated with it.
    let id: String
    let tag: Tag
    let summary: String
    var details: String?
    var access: Access
    /// A feature that the client must have.
    var feature: Feature?
    /// What the `{names}` of the path are; text of up to 200 characters where it is not said.
    var parameters: [String: Schema] = [:]
    var query: [Schema.Property] = []
    var body: Body?
    var answers: [Answer]
    /// Takes an `Idempotency-Key`.
    var creates = false
    var isDeprecated = false
    /// The answer does not end by itself.
    var isStream = false
    /// A fault in the query is told as `error` too, as the reference's hand-written answers do.
    var saysError = false
    /// Other paths of the same operation.
    var aliases: [String] = []

    /// The groups of the integration guide, and ours.
    enum Tag: String, Sendable, CaseIterable {
        case authentication = "Authentication"
        case clients = "Client Management"
        case enrollment = "Face Enrollment"
        case recognition = "Face Authentication"
        case sessions = "Session Management"
        case system = "System"
        case analytics = "Analytics"
        case webhooks = "Webhooks"
        case legacy = "Legacy Recognition"
        case streaming = "Streaming"
        case sync = "Sync"
        case pages = "Pages"
    }

    /// What a client's features may withhold.
    enum Feature: Sendable { case enrollment, recognition, analytics }

    /// What a request carries.
    struct Body: Sendable {
        var schema: Schema
        var isRequired = true
        /// Also as a form with files; the members that are files.
        var files: [String] = []
        /// Flags of which one at least must be true.
        var needsOneOf: [String] = []
        /// The largest body, bytes.
        var limit: Limit = .small
        enum Limit: Sendable { case small, picture, message }
        /// The handler decodes the body itself; it may come as gzip.
        var isMessage: Bool { limit == .message }
    }

    /// One successful answer, or an error that the operation has of its own.
    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let note: String
        var schema: Schema?
        var contentType = "application/json"
        /// Further types that the same answer may come as.
        var otherTypes: [String] = []
        /// Headers of its own.
        var headers: [String] = []
    }

    init(
        _ method: HTTPRequest.Method, _ path: String, id: String, tag: Tag, _ summary: String, access: Access,
        answers: [Answer]
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.tag = tag
        self.summary = summary
        self.access = access
        self.answers = answers
    }

    /// The same operation, changed; lets a declaration say only what is special about it.
    func with(_ change: (inout Operation) -> Void) -> Operation {
        var operation = self
        change(&operation)
        return operation
    }

    /// The same with a JSON body, checked against `schema`.
    func takes(_ schema: Schema, required: Bool = true, files: [String] = []) -> Operation {
        with {
            $0.body = Body(schema: schema, isRequired: required, files: files, limit: files.isEmpty ? .small : .picture)
        }
    }

    /// The same with a message of the sync protocol.
    func takesMessage(_ component: String) -> Operation {
        with { $0.body = Body(schema: .component(component), limit: .message) }
    }

    /// The same with query parameters.
    func asks(_ query: Schema.Property...) -> Operation { with { $0.query += query } }

    /// The same for one of many: `{id}` is a UUID.
    func ofUUID(_ name: String = "id") -> Operation { with { $0.parameters[name] = .uuid } }

    /// The same with a sentence more.
    func details(_ text: String) -> Operation { with { $0.details = text } }

    /// The names of the path's parameters, in order.
    var parameterNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }
            .map { String($0.dropFirst().dropLast()) }
    }
}

extension Operation.Answer {
    static func ok(_ schema: Schema, _ note: String = "What was asked for.") -> Operation.Answer {
        Operation.Answer(status: .ok, note: note, schema: schema)
    }
    static func created(_ schema: Schema, _ note: String = "What was made.") -> Operation.Answer {
        Operation.Answer(status: .created, note: note, schema: schema)
    }
    static let noContent = Operation.Answer(status: .noContent, note: "Done.")
    /// One page of a list of `component`s.
    static func page(of component: String) -> Operation.Answer {
        .ok(Page.schema(of: .component(component)), "One page, newest first.")
    }
    /// An error that not every operation has.
    static func error(_ status: HTTPResponse.Status, _ note: String) -> Operation.Answer {
        Operation.Answer(status: status, note: note, schema: .component("Error"))
    }
}

extension Schema.Property {
    /// `?page=N`.
    static let page = Schema.Property.optional(
        "page", Schema.integer(1...Int(Int32.max)).note("The page, from 1; \(PageRequest.size) items each."))
}
