import EdgeTesting
import Foundation
import NIOHTTP1
import Testing

@Suite("Bad input over HTTP", .serialized)
struct BadInputTests {
    private func jpeg(width: UInt16, height: UInt16) -> [UInt8] {
        [0xff, 0xd8, 0xff, 0xc0, 0, 17, 8]
            + [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255), 3]
            + [1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0, 0xff, 0xd9]
    }

    @Test("each bad picture is answered by code, and the session goes on as if it had not been sent")
    func badPictures() async throws {
        let daemon = try DaemonUnderTest()
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let good = try TestInputs.bytes("webcam-man/0000.jpg")
        let session = try await client.openEnrollment(of: "alice")
        let cases: [(name: String, picture: [UInt8], status: UInt)] = [
            ("nothing", [], 400),
            ("text", Array("this is not a picture".utf8), 400),
            ("GIF", Array("GIF89a".utf8) + [UInt8](repeating: 0, count: 200), 400),
            ("BMP", Array("BM".utf8) + [UInt8](repeating: 0, count: 200), 400),
            ("cut off", Array(good.prefix(good.count / 2)), 400),
            ("100 megapixels", jpeg(width: 10000, height: 10000), 413),
            ("a 65535 × 65535 header", jpeg(width: 65535, height: 65535), 413),
            ("16 × 16", jpeg(width: 16, height: 16), 400),
        ]
        for (name, picture, status) in cases {
            let answer = try await client.upload(picture, to: session)
            #expect(answer.status == status, "\(name): \(answer.status) \(answer.body)")
            #expect(answer.body["code"]?.text != nil, "\(name): \(answer.body)")
        }
        let state = try await client.get("/api/auth/sessions/\(session)/status/")
        #expect(state.body["status"]?.text == "pending", "\(state.body)")
    }

    @Test("pictures that show the wrong thing are answered with a reason")
    func wrongContent() async throws {
        let daemon = try DaemonUnderTest()
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let cases = [
            ("no-face/0000.jpg", "face.none"), ("stills/chelsea.png", "face.none"),
            ("stills/multi_face.jpg", "face.multiple"), ("stills/t1.jpg", "face.multiple"),
            ("stills/profile45.jpg", "face.turned"),
        ]
        let session = try await client.openEnrollment(of: "alice")
        for (path, reason) in cases {
            let answer = try await client.upload(try TestInputs.bytes(path), to: session)
            #expect(answer.status == 200, "\(path): \(answer.body)")
            #expect(answer.body["reason"]?.text == reason, "\(path): \(answer.body)")
            #expect(answer.body["frame_accepted"]?.flag == false, "\(path)")
            #expect(answer.body["requires_more_frames"]?.flag == true, "\(path)")
        }
    }

    @Test("sessions and tokens that are not the client's own are answered like unknown ones")
    func foreignSessions() async throws {
        let daemon = try DaemonUnderTest()
        try await daemon.start()
        let mine = try await daemon.makeClient("mine")
        let other = try await daemon.makeClient("other")
        let picture = try TestInputs.bytes("webcam-man/0000.jpg")
        let session = try await mine.openEnrollment(of: "alice")
        let foreign = try await other.upload(picture, to: session)
        let unknown = try await other.upload(picture, to: "sess_unknown")
        #expect(foreign.status == 404)
        #expect(foreign.body == unknown.body)
        #expect(try await other.get("/api/auth/sessions/\(session)/status/").status == 404)
        var nobody = mine
        nobody.access = nil
        let bare = try await nobody.upload(picture, to: session)
        #expect(bare.status == 401)
        #expect(bare.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
        nobody.access = "\(mine.access ?? "")x"
        #expect(try await nobody.upload(picture, to: session).status == 401)
    }

    @Test("an expired session says so")
    func expired() async throws {
        let daemon = try DaemonUnderTest(sessions: "ttl = \"1s\"")
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let session = try await client.openAuthentication()
        let ended = try await client.get("/api/auth/sessions/\(session)/result/?wait=20")
        #expect(
            ended.body["status"]?.text == "expired" || ended.body["session_status"]?.text == "expired", "\(ended.body)")
        let late = try await client.upload(try TestInputs.bytes("webcam-man/0000.jpg"), to: session)
        #expect(late.status == 400)
        #expect(late.body["code"]?.text == "session.expired", "\(late.body)")
    }

    @Test("malformed requests are 4xx with a code, never 5xx")
    func malformedRequests() async throws {
        let daemon = try DaemonUnderTest()
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let bodies: [(path: String, type: String, body: String)] = [
            ("/api/auth/enrollment/", "application/json", "{"),
            ("/api/auth/enrollment/", "application/json", "[]"),
            ("/api/auth/enrollment/", "application/json", "{}"),
            ("/api/auth/enrollment/", "application/json", #"{"user_id":{},"session_type":"webcam"}"#),
            ("/api/auth/enrollment/", "application/json", #"{"user_id":"","session_type":"webcam"}"#),
            ("/api/auth/enrollment/", "application/json", #"{"user_id":"a","session_type":"telepathy"}"#),
            ("/api/auth/enrollment/", "text/plain", "hello"),
            ("/api/auth/authentication/", "application/json", #"{"session_type":null}"#),
            ("/api/auth/process-image/", "application/json", #"{"session_token":"x"}"#),
            ("/api/auth/process-image/", "application/json", #"{"image":"x"}"#),
            ("/api/auth/process-image/", "application/json", #"{"session_token":{},"image":[]}"#),
            ("/api/auth/process-image/", "multipart/form-data", "x"),
            ("/api/auth/process-image/", "multipart/form-data; boundary=b", "--b\r\nnonsense"),
            ("/api/core/auth/client/", "application/json", #"{"api_key":1,"api_secret":2}"#),
            ("/api/no/such/thing/", "application/json", "{}"),
        ]
        for (path, type, body) in bodies {
            let answer = try await client.send(.POST, path, contentType: type, body: Array(body.utf8))
            #expect((400..<500).contains(answer.status), "\(path) \(body): \(answer.status) \(answer.body)")
            #expect(answer.body["code"]?.text != nil, "\(path) \(body): \(answer.body)")
        }
    }
}
