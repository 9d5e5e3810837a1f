import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Synchronization

/// The viewers' own files, as set-up fetched them: read when the first page asks, then one copy for all.
///
/// The list is fixed: nothing that a caller writes becomes part of a path.
struct VendorFiles: Sendable {
    private static let names = [
        ("swagger-ui/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("swagger-ui/swagger-ui-standalone-preset.js", "text/javascript; charset=utf-8"),
        ("swagger-ui/swagger-ui.css", "text/css; charset=utf-8"),
        ("redoc/redoc.standalone.js", "text/javascript; charset=utf-8"),
    ]

    /// The directory with `vendor/` in it; `nil` where there is none.
    let directory: String?

    /// One file; most devices never read it.
    private final class File: Sendable {
        private let path: String?
        private let content = Mutex<ByteBuffer?>(nil)

        init(_ path: String?) { self.path = path }

        /// The file's bytes.
        ///
        /// Throws `request.not_found` where it is not installed.
        func bytes() throws(EdgeError) -> ByteBuffer {
            let known = content.withLock { content in
                if content == nil, let path, let data = FileManager.default.contents(atPath: path) {
                    content = ByteBuffer(bytes: data)
                }
                return content
            }
            guard let known else { throw EdgeError(.requestNotFound, "The viewer's files are not installed.") }
            return known
        }
    }

    func add(to routes: inout RouteBuilder) {
        for (name, type) in Self.names {
            let file = File(directory.map { "\($0)/vendor/\(name)" })
            routes.open(.get, "/assets/vendor/\(name)") { _, _ in
                Response(
                    status: .ok, headers: [.contentType: type, .cacheControl: "max-age=3600"],
                    body: ResponseBody(byteBuffer: try file.bytes()))
            }
        }
    }
}
