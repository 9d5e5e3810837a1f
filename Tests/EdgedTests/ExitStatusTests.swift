import ArgumentParser
import EdgeCore
import Testing

@testable import edged

@Suite("Exit status")
struct ExitStatusTests {
    @Test("a wrong configuration is 78, a daemon that does not answer is 2, everything else stays within sysexits")
    func ofErrors() {
        #expect(ExitStatus.of(EdgeError(.configurationInvalid)).rawValue == 78)
        #expect(ExitStatus.of(EdgeError(.socketUnfit)).rawValue == 78)
        #expect(ExitStatus.of(EdgeError(.daemonUnreachable)).rawValue == 2)
        for code in ErrorCode.allCases where code != .daemonUnreachable {
            #expect((64...78).contains(ExitStatus.of(EdgeError(code)).rawValue), "\(code.rawValue)")
        }
    }
}

@Suite("Control messages")
struct ControlJSONTests {
    @Test("a message survives the way there and back, in snake case")
    func roundTrip() throws {
        let step = Control.SessionStep(sessionId: "a", client: "b", picture: .init([1, 2, 3]), waitSeconds: 4)
        let bytes = try ControlJSON.encode(step)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\"session_id\""))
        #expect(text.contains("\"wait_seconds\""))
        let back = try ControlJSON.decode(Control.SessionStep.self, from: bytes)
        #expect(back.picture == step.picture)
        #expect(back.sessionId == "a")
    }

    @Test("a message of another form is refused by code")
    func malformed() {
        #expect(throws: EdgeError.self) { try ControlJSON.decode(Control.Name.self, from: Array("[]".utf8)) }
    }
}
