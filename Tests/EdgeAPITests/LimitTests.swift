import EdgeCore
import EdgeTesting
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Limits")
struct LimitTests {
    /// What a client may send to make a parser work.
    private enum Body {
        static func names(_ count: Int) -> [UInt8] {
            Array(("{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}").utf8)
        }
    }

    @Test("ten megabytes of names, or of levels, are refused within a second of computing, as JSON and as a form")
    func refusesManyNames() {
        let bodies = [Body.names(1_000_000), Array(repeating: UInt8(ascii: "["), count: 10_000_000)]
        let form = Array(String(repeating: "a=1&", count: 2_500_000).utf8)
        let start = ThreadTime.now
        for body in bodies {
            #expect {
                try RequestFields(json: body)
            } throws: { error in
                (error as? EdgeError)?.code == .requestMalformed
            }
        }
        #expect {
            try RequestFields(form: form)
        } throws: { error in
            (error as? EdgeError)?.code == .requestMalformed
        }
        #expect(ThreadTime.now - start < .seconds(1))
    }

    @Test("up to the limits JSON is read, beyond them it is not")
    func knowsJSONLimits() throws {
        let most = try JSONValue.parse(Body.names(JSONLimits.maximumNames))
        #expect(most.objectValue?.members.count == JSONLimits.maximumNames)
        #expect(throws: EdgeError.self) { try JSONValue.parse(Body.names(JSONLimits.maximumNames + 1)) }
        func list(_ count: Int) -> [UInt8] {
            Array("[\(Array(repeating: "0", count: count).joined(separator: ","))]".utf8)
        }
        _ = try JSONValue.parse(list(JSONLimits.maximumElements - 1))
        #expect(throws: EdgeError.self) { try JSONValue.parse(list(JSONLimits.maximumElements + 1)) }
        func deep(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        _ = try JSONValue.parse(deep(JSONLimits.maximumDepth))
        #expect(throws: EdgeError.self) { try JSONValue.parse(deep(JSONLimits.maximumDepth + 1)) }
    }

    @Test("signs within a text are not counted")
    func sparesTexts() throws {
        let text = String(repeating: "[{:,\\\"", count: 20_000)
        #expect(try JSONValue.parse(Array("{\"a\":\"\(text)\"}".utf8)).objectValue?.members.count == 1)
    }

    @Test("ten failures at once, then one a second, for each address alone")
    func limitsAddress() {
        let start = FrameClock().now
        var limiter = AttemptLimiter(at: start)
        for _ in 0..<10 { #expect(limiter.take("a", at: start) == nil) }
        #expect(limiter.take("a", at: start) == .seconds(1))
        #expect(limiter.take("b", at: start) == nil)
        let later = start.advanced(by: .seconds(1))
        #expect(limiter.take("a", at: later) == nil)
        #expect(limiter.take("a", at: later) != nil)
    }

    @Test("all addresses together have fifty failures a second")
    func limitsEverybody() {
        let start = FrameClock().now
        var limiter = AttemptLimiter(at: start)
        for address in 0..<50 { #expect(limiter.take("\(address)", at: start) == nil) }
        #expect(limiter.take("x", at: start) == .milliseconds(20))
        #expect(limiter.take("x", at: start.advanced(by: .milliseconds(20))) == nil)
    }

    @Test("the table stays small, however many addresses fail as fast as they may")
    func boundsTable() {
        var now = FrameClock().now
        var limiter = AttemptLimiter(at: now)
        var largest = 0
        for address in 0..<3_000 {
            #expect(limiter.take("\(address)", at: now) == nil)
            now = now.advanced(by: .milliseconds(20))
            largest = max(largest, limiter.buckets.count)
        }
        #expect(largest == AttemptLimiter.maximumAddresses)
    }

    @Test("guessing is answered with Retry-After and leaves a few lines; whoever has the secret is let in meanwhile")
    func limitsGuessing() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let right: JSONValue = ["api_key": "frapi_one", "api_secret": "secret-of-one"]
            let wrong: JSONValue = ["api_key": "frapi_one", "api_secret": "guess"]
            let path = "/api/core/auth/client/"
            for _ in 0..<20 { #expect(try await caller.post(path, right, as: nil).status == 200) }
            for _ in 0..<10 { #expect(try await caller.post(path, wrong, as: nil).status == 401) }
            let refused = try await caller.post(path, wrong, as: nil)
            #expect(refused.status == 429)
            #expect(refused["code"] == "request.limited")
            #expect(refused.headers[.retryAfter] == "1")
            #expect(try await caller.post(path, right, as: nil).status == 200)
            api.clock.advance(by: .seconds(1))
            #expect(try await caller.post(path, wrong, as: nil).status == 401)
            #expect(api.audit.lines.count == RefusalWindows.linesOfAddress)
            #expect(api.audit.lines.allSatisfy { $0.client == api.clients.named("one")?.id })
        }
    }

    @Test("eight may wait for a session; a seat is free again when its holder is gone")
    func limitsWaiting() throws {
        let room = WaitingRoom()
        let session = SessionID()
        var seats = try (0..<WaitingRoom.seats).map { _ in try room.enter(session) }
        #expect {
            try room.enter(session)
        } throws: { error in
            (error as? EdgeError)?.code == .requestLimited
        }
        _ = try room.enter(SessionID())
        seats.removeLast()
        seats.append(try room.enter(session))
        #expect(seats.count == WaitingRoom.seats)
    }
}
