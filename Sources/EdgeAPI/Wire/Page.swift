import EdgeCore
import HTTPTypes
import Hummingbird

/// One page of a list, in the reference's form.
enum Page {
    /// The answer: `count`, `next`, `previous`, `results`.
    ///
    /// Throws `request.page` for a page behind the last one.
    static func body<Item>(
        _ page: PageOf<Item>, of call: APICall, _ describe: (Item) throws -> JSONObject
    ) throws -> JSONObject {
        let wanted = call.page
        guard wanted.number == 1 || !page.items.isEmpty else { throw EdgeError(.requestPage) }
        let isLast = wanted.offset + page.items.count >= page.total
        return [
            "count": .integer(Int64(page.total)),
            "next": isLast ? .null : .string(link(call, to: wanted.number + 1)),
            "previous": wanted.number == 1 ? .null : .string(link(call, to: wanted.number - 1)),
            "results": .array(try page.items.map { .object(try describe($0)) }),
        ]
    }

    /// The schema of such an answer.
    static func schema(of item: Schema) -> Schema {
        .object([
            .required("count", .count), .required("next", Schema.anyText.orNull),
            .required("previous", Schema.anyText.orNull), .required("results", .list(item)),
        ])
    }

    /// The same address with another page; other parameters stay.
    private static func link(_ call: APICall, to number: Int) -> String {
        // As it was sent, still encoded.
        var query = (call.request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("page=") }
            .map(String.init)
        if number > 1 { query.append("page=\(number)") }
        return call.origin + call.request.uri.path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }
}

extension APICall {
    /// The scheme and host under which the caller reached us, for absolute links: `http://127.0.0.1:8080`.
    ///
    /// Empty where the caller did not say a harmless host; the links are relative then.
    var origin: String {
        guard let host = request.head.authority, WireURL.isHost(host) else { return "" }
        return (context.isSecure ? "https://" : "http://") + host
    }
}
