import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// An answer of the API.
struct Answer: Sendable {
    let status: UInt
    let headers: [String: String]
    let body: JSONValue
}

/// A kiosk as the daemon sees it: HTTP and nothing else.
struct APIClient: Sendable {
    let address: String
    var access: String?

    func post(_ path: String, json: [String: any Sendable]) async throws -> Answer {
        let data = try JSONSerialization.data(withJSONObject: json)
        return try await send(.POST, path, contentType: "application/json", body: Array(data))
    }

    func get(_ path: String) async throws -> Answer { try await send(.GET, path, contentType: nil, body: nil) }

    /// Uploads a picture to a session as a browser's form does.
    func upload(_ picture: [UInt8], to session: String) async throws -> Answer {
        let boundary = "edged-test-boundary"
        var body = Array(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"session_token\"\r\n\r\n\(session)\r\n".utf8)
        body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"image\"; filename=\"f.jpg\"\r\n".utf8)
        body += Array("Content-Type: image/jpeg\r\n\r\n".utf8) + picture + Array("\r\n--\(boundary)--\r\n".utf8)
        return try await send(
            .POST, "/api/auth/process-image/", contentType: "multipart/form-data; boundary=\(boundary)", body: body)
    }

    /// Opens a session and gives its token.
    func openEnrollment(of user: String) async throws -> String {
        let answer = try await post("/api/auth/enrollment/", json: ["user_id": user, "session_type": "webcam"])
        #expect(answer.status == 201, "\(answer.body)")
        return try #require(answer.body["session_token"]?.text)
    }

    /// Opens a verification of `user`, or without one an identification.
    func openAuthentication(of user: String? = nil, source: String = "upload") async throws -> String {
        var json: [String: any Sendable] = ["session_type": "webcam", "frame_source": source]
        if let user { json["user_id"] = user }
        let answer = try await post("/api/auth/authentication/", json: json)
        #expect(answer.status == 201, "\(answer.body)")
        return try #require(answer.body["session_token"]?.text)
    }

    /// Uploads pictures until the session wants no more; the last answer.
    func feed(_ pictures: [[UInt8]], to session: String) async throws -> Answer {
        var last = Answer(status: 0, headers: [:], body: .null)
        for picture in pictures {
            last = try await upload(picture, to: session)
            if last.status != 200 || last.body["requires_more_frames"]?.flag == false { break }
        }
        return last
    }

    func send(_ method: HTTPMethod, _ path: String, contentType: String?, body: [UInt8]?) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        if let access { request.headers.add(name: "authorization", value: "Bearer \(access)") }
        if let contentType { request.headers.add(name: "content-type", value: contentType) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(600))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        let headers = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
        let data = Data(bytes.readableBytesView)
        return Answer(status: response.status.code, headers: headers, body: (try? JSONValue(data)) ?? .null)
    }
}
