import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Pages")
struct PageTests {
    @Test("the pages load nothing from elsewhere and nothing inline", arguments: ["/", "/kiosk", "/kiosk/"])
    func pagesAreSelfContained(path: String) async throws {
        try await TestAPI().test { caller in
            let page = try await caller.get(path, as: nil)
            #expect(page.status == 200)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
            #expect(!policy.contains("unsafe"))
            #expect(!page.text.contains("style=") && !page.text.contains("onclick") && !page.text.contains("<style"))
            #expect(!page.text.contains("//cdn") && !page.text.contains("https://"))
            for match in page.text.matches(of: /(?:src|href)="(\/[^"#]*)"/) {
                let part = try await caller.get(String(match.1), as: nil)
                #expect(part.status == 200)
            }
        }
    }

    @Test("every id that a script reaches for is in its page")
    func idsExist() {
        let pages = [
            (Pages.statusScript, Pages.status), (Pages.kioskScript, Pages.kiosk), (Pages.fleetScript, Pages.fleet),
        ]
        for (script, page) in pages {
            for match in script.matches(of: /(?:at|fill|offer)\('([a-z-]+)'/) {
                #expect(page.contains("id=\"\(match.1)\""))
            }
        }
    }
}
