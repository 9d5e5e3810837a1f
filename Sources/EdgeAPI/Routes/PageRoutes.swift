import Hummingbird

/// The technician's page and the kiosk's page.
struct PageRoutes: Sendable {
    func add(to routes: inout RouteBuilder) {
        _ = routes
    }
}
