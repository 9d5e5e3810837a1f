import HTTPTypes
import Hummingbird

/// The technician's page and the kiosk's page, with everything that they load.
struct PageRoutes: Sendable {
    /// Where the viewers of the document are; `nil` where there are none.
    let assets: String?
    /// Whether this instance is the central one of a fleet.
    var hasFleet = false

    func add(to routes: inout RouteBuilder) {
        VendorFiles(directory: assets).add(to: &routes)
        add("/assets/swagger.js", DocumentPages.swaggerScript, "text/javascript; charset=utf-8", &routes)
        add("/assets/redoc.js", DocumentPages.redocScript, "text/javascript; charset=utf-8", &routes)
        add("/", Pages.status, "text/html; charset=utf-8", &routes)
        add("/kiosk", Pages.kiosk, "text/html; charset=utf-8", &routes)
        add("/assets/edged.css", Pages.style, "text/css; charset=utf-8", &routes)
        add("/assets/status.js", Pages.statusScript, "text/javascript; charset=utf-8", &routes)
        add("/assets/kiosk.js", Pages.kioskScript, "text/javascript; charset=utf-8", &routes)
        if hasFleet {
            add("/fleet", Pages.fleet, "text/html; charset=utf-8", &routes)
            add("/assets/fleet.js", Pages.fleetScript, "text/javascript; charset=utf-8", &routes)
        }
        add("/favicon.ico", Pages.icon, "image/svg+xml", &routes)
    }

    private func add(_ path: String, _ text: String, _ type: String, _ routes: inout RouteBuilder) {
        let body = ByteBuffer(string: text)
        routes.open(.get, path) { _, _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: type, .cacheControl: "no-cache",
                    .contentSecurityPolicy: Self.policy, .permissionsPolicy: "camera=(self), microphone=()",
                ], body: ResponseBody(byteBuffer: body))
        }
    }

    /// Nothing from elsewhere, nothing inline: what a page shows cannot become a script.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; \
        media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """
}

/// The texts of the pages.
enum Pages {
    /// A face in a frame.
    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" \
        fill="#0b5d6b"/><path d="M8 12V9a1 1 0 0 1 1-1h3M20 8h3a1 1 0 0 1 1 1v3M24 20v3a1 1 0 0 1-1 1h-3M12 24H9a1 \
        1 0 0 1-1-1v-3M12.5 13.5v1M19.5 13.5v1M12.5 18.5a5 5 0 0 0 7 0" fill="none" stroke="#fff" \
        stroke-width="2" stroke-linecap="round"/></svg>
        """
}
