import EdgeCore
import Testing

@testable import EdgeAPI

/// The flows of the integration guide, field by field.
@Suite("The guide's flows")
struct GuideTests {
    @Test(
        "key and secret give an access and a refresh token", arguments: ["/api/core/auth/client/", "/api/auth/client"])
    func authenticatesClient(path: String) async throws {
        try await TestAPI().test { caller in
            let answer = try await caller.post(
                path, ["api_key": "frapi_one", "api_secret": "secret-of-one"], as: nil)
            #expect(answer.status == 200)
            #expect(answer["access"] == answer["access_token"])
            #expect(answer["token_type"] == "JWT")
            #expect(answer["client_id"] == "FR_0123456789ABCDEF")
            #expect(answer["client_name"] == "one")
            #expect(answer["expires_at"] == "2027-01-15T09:00:00Z")
            #expect(try answer.string("access").hasPrefix("eyJ"))
            #expect(try answer.string("refresh") != answer.string("access"))
        }
    }

    @Test("an enrollment session is created as the guide shows")
    func createsEnrollment() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let answer = try await caller.post(
                "/api/auth/enrollment/",
                [
                    "user_id": "alice@example.com", "session_type": "webcam",
                    "metadata": ["device_info": "Chrome on macOS", "target_samples": 5, "display_name": "Alice"],
                ])
            #expect(answer.status == 201)
            #expect(try answer.string("session_token").hasPrefix("sess_"))
            #expect(EnrollmentID(try answer.string("enrollment_id")) != nil)
            #expect(SessionID(try answer.string("session_id")) != nil)
            #expect(answer["status"] == "pending")
            #expect(answer["target_samples"] == 5)
            #expect(answer["expires_at"] == "2027-01-15T08:10:00Z")
            #expect(answer["message"] == "Enrollment session created. Stream frames to continue.")
        }
        let request = try #require(api.sessions.requests.first)
        #expect(request.externalUserID == "alice@example.com")
        #expect(request.displayName == "Alice")
        #expect(request.targetSamples == 5)
        #expect(request.sessionType == "webcam")
        #expect(request.frameSource == .upload)
        #expect(request.client == api.clients.named("one")?.id)
        #expect(
            request.metadataJSON
                == #"{"device_info":"Chrome on macOS","display_name":"Alice","target_samples":5}"#)
    }

    @Test("frames move an enrollment to its end as the guide shows")
    func processesEnrollment() async throws {
        try await TestAPI().test { caller in
            let session = try await caller.enroll()
            let first = try await caller.frame(session)
            #expect(first.status == 200)
            #expect(first["success"] == true)
            #expect(first["session_status"] == "processing")
            #expect(first.text.contains(#""enrollment_progress":33.3,"#))
            #expect(first["requires_more_frames"] == true)
            #expect(first["frame_accepted"] == true)
            #expect(first["quality_score"] == 0.95)
            #expect(first["message"] == "Frame processed. Continue streaming...")
            #expect(first["reason"] == "frame.accepted")
            #expect(first["enrollment_complete"] == nil)
            _ = try await caller.frame(session)
            let last = try await caller.frame(session)
            #expect(last["success"] == true)
            #expect(last["session_status"] == "completed")
            #expect(last["enrollment_complete"] == true)
            #expect(last["message"] == "Enrollment completed successfully.")
            #expect(last["requires_more_frames"] == false)
            #expect(last["enrollment_progress"] == 100)
            #expect(last["enrollment_id"] == session["enrollment_id"])
        }
    }

    @Test(
        "an authentication session is a verification with a user and an identification without",
        arguments: [("alice", "verification"), (nil, "identification")] as [(String?, String)])
    func createsAuthentication(user: String?, kind: String) async throws {
        let api = TestAPI()
        try await api.test { caller in
            let answer = try await caller.authenticate(user)
            #expect(answer.status == 201)
            #expect(try answer.string("session_token").hasPrefix("sess_"))
            #expect(answer["status"] == "active")
            #expect(answer["session_type"] == .string(kind))
            #expect(answer["expires_at"] == "2027-01-15T08:10:00Z")
            #expect(answer["message"] == "Authentication session created. Stream frames to continue.")
        }
        #expect(api.sessions.requests.first?.externalUserID == user)
    }

    @Test("a user id of null asks for identification")
    func nullUserIdentifies() async throws {
        try await TestAPI().test { caller in
            let answer = try await caller.post(
                "/api/auth/authentication/", ["user_id": .null, "session_type": "webcam"])
            #expect(answer.status == 201)
            #expect(answer["session_type"] == "identification")
        }
    }

    @Test("a successful authentication names the person as the guide and as the reference do")
    func authenticationSucceeds() async throws {
        try await TestAPI().test { caller in
            let session = try await caller.authenticate("alice")
            let first = try await caller.frame(session)
            #expect(first["success"] == false, "success before the decision would open a door")
            #expect(first["result"] == nil)
            #expect(first["requires_more_frames"] == true)
            #expect(first["frame_accepted"] == true)
            _ = try await caller.frame(session)
            let last = try await caller.frame(session)
            #expect(last.status == 200)
            #expect(last["success"] == true)
            #expect(last["session_status"] == "completed")
            #expect(last["result"] == "success")
            let user = try #require(last["matched_user"]?.objectValue)
            #expect(user["user_id"] == "alice")
            #expect(user["external_user_id"] == "alice")
            #expect(user["display_name"] == "Some One")
            #expect(user["is_enrolled"] == true)
            #expect(user["id"] == last["client_user_id"])
            #expect(last["similarity_score"] == 0.95)
            #expect(last["liveness_verified"] == true)
            #expect(last["message"] == "Authentication successful.")
        }
    }

    @Test(
        "a failed authentication has the guide's words whatever failed",
        arguments: [Reason.notRecognized, .livenessFailed, .personChanged])
    func authenticationFails(reason: Reason) async throws {
        try await TestAPI(script: FakeSessions.ends(.failed, reason)).test { caller in
            let answer = try await caller.frame(try await caller.authenticate("alice"))
            #expect(answer.status == 200)
            #expect(answer["success"] == false)
            #expect(answer["session_status"] == "completed")
            #expect(answer["result"] == "failure")
            #expect(answer["error"] == "User not recognized or liveness check failed.")
            #expect(answer["message"] == "Authentication failed.")
            #expect(answer["reason"] == "authentication.not_recognized")
            #expect(answer["requires_more_frames"] == false)
            #expect(answer["matched_user"] == nil)
            #expect(answer["similarity_score"] == nil)
        }
    }

    @Test("that the infrared camera saw nothing is said: it is the device's matter, and no word on the match")
    func infraredMissing() async throws {
        try await TestAPI(script: FakeSessions.ends(.failed, .infraredMissing)).test { caller in
            let answer = try await caller.frame(try await caller.authenticate("alice"))
            #expect(answer["success"] == false && answer["result"] == "failure")
            #expect(answer["reason"] == "liveness.infrared_missing")
            #expect(answer["error"] == "User not recognized or liveness check failed.")
        }
    }

    @Test("a rejected frame says why and asks for another", arguments: [Reason.faceNone, .faceMultiple, .imageDark])
    func rejectsFrame(reason: Reason) async throws {
        try await TestAPI(script: FakeSessions.rejected(reason)).test { caller in
            let answer = try await caller.frame(try await caller.enroll())
            #expect(answer.status == 200)
            #expect(answer["success"] == false)
            #expect(answer["frame_accepted"] == false)
            #expect(answer["frame_rejected"] == true)
            #expect(answer["reason"] == .string(reason.rawValue))
            #expect(answer["message"] == .string(reason.message))
            #expect(answer["requires_more_frames"] == true)
            #expect(answer["enrollment_progress"] == 0)
        }
    }

    @Test("a person who is enrolled as somebody else is a conflict")
    func duplicateConflicts() async throws {
        try await TestAPI(script: FakeSessions.ends(.failed, .duplicatePerson)).test { caller in
            let answer = try await caller.frame(try await caller.enroll())
            #expect(answer.status == 409)
            #expect(answer["success"] == false)
            #expect(answer["error"] == "duplicate_face")
            #expect(answer["error_code"] == "DUPLICATE_FACE_DETECTED")
            #expect(answer["session_status"] == "failed")
            #expect(answer["enrollment_complete"] == false)
            #expect(answer["reason"] == "enrollment.duplicate_person")
        }
    }

    @Test("an answer carries measures, the face's place and the challenge")
    func carriesEvidence() async throws {
        let script: FakeSessions.Script = { session, _ throws(EdgeError) in
            session.framesProcessed += 1
            session.state = .processing
            session.challenge = .blink
            let points = (0..<5).map { Point(x: Float($0) * 10.26, y: 20) }
            return FrameAnswer(
                session: session, accepted: true, reason: .livenessChallenge,
                measures: [QualityMeasure(.interEyeDistance, native: 87.123456, score: 99.99)], livenessScore: 0.87654,
                face: FaceGeometry(x: -3, y: 4, width: 120, height: 160, landmarks: points, score: 0.9),
                frameSize: (640, 480))
        }
        try await TestAPI(script: script).test { caller in
            let answer = try await caller.frame(try await caller.authenticate(nil))
            #expect(answer["quality_measures"] == ["InterEyeDistance": ["native": 87.1235, "score": 100]])
            let face = try #require(answer["face"]?.objectValue)
            #expect(face["box"] == ["x": -3, "y": 4, "width": 120, "height": 160])
            #expect(face["frame"] == ["width": 640, "height": 480])
            guard case .array(let landmarks) = face["landmarks"] else {
                Issue.record("no landmarks")
                return
            }
            #expect(landmarks.count == 5)
            #expect(answer["challenge"] == "blink")
            #expect(answer["instruction"] == "Please blink.")
            #expect(answer["liveness_score"] == 0.8765)
        }
    }
}
