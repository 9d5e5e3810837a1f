import EdgeCore
import EdgeTesting
import Foundation
import Testing

@Suite("Session values")
struct SessionTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test(
        "progress is the share of good frames, one decimal, and never above 100",
        arguments: [
            (0, 3, 0.0), (1, 3, 33.3), (2, 3, 66.7), (3, 3, 100.0), (7, 3, 100.0), (1, 8, 12.5), (1, 7, 14.3),
            (0, 0, 0.0), (5, 0, 0.0),
        ])
    func progress(accepted: Int, target: Int, percent: Double) {
        var session = snapshot(.enrollment, target: target)
        session.state = .processing
        session.acceptedFrames = accepted
        #expect(session.progressPercent == percent)
    }

    @Test("a completed session has come all the way, with however many frames")
    func completedIsWhole() {
        var session = snapshot(.identification, target: 4)
        session.acceptedFrames = 2
        session.state = .completed
        #expect(session.progressPercent == 100)
        session.state = .failed
        #expect(session.progressPercent == 50)
    }

    @Test("an enrollment begins pending with an enrollment id, an authentication active without one")
    func beginnings() {
        #expect(snapshot(.enrollment).state == .pending)
        #expect(snapshot(.enrollment).enrollmentID != nil)
        for kind in [SessionKind.verification, .identification] {
            #expect(snapshot(kind).state == .active)
            #expect(snapshot(kind).enrollmentID == nil)
        }
    }

    @Test("a session takes frames until it has ended, in whichever way")
    func openStates() {
        #expect(SessionState.allCases.filter(\.isOpen) == [.pending, .active, .processing])
    }

    @Test("a new session claims nothing that no frame has shown")
    func claimsNothing() {
        let session = snapshot(.verification)
        #expect(!session.livenessVerified)
        #expect(session.matchedPerson == nil)
        #expect(session.similarityScore == nil)
        #expect(session.progressPercent == 0)
    }

    @Test(
        "quality scores stay between 0 and 100", arguments: [(-3.0, 0.0), (0, 0), (55.5, 55.5), (100, 100), (250, 100)])
    func qualityIsClamped(given: Double, kept: Double) {
        #expect(QualityMeasure(.sharpness, native: given, score: given).score == kept)
        #expect(QualityMeasure(.sharpness, native: given, score: given).native == given)
    }

    @Test("a policy names exactly the evidence that it needs")
    func policies() {
        #expect(LivenessPolicy.allCases.filter(\.needsPassive) == [.passive, .strict])
        #expect(LivenessPolicy.allCases.filter(\.needsActive) == [.active, .strict])
    }

    @Test("the distance of the eyes is measured in a straight line")
    func interEyeDistance() {
        let points = [
            Point(x: 10, y: 10), Point(x: 13, y: 14), Point(x: 0, y: 0), Point(x: 0, y: 0), Point(x: 0, y: 0),
        ]
        let face = FaceGeometry(x: 0, y: 0, width: 20, height: 20, landmarks: points, score: 1)
        #expect(face.interEyeDistance == 5)
    }

    private func snapshot(_ kind: SessionKind, target: Int = 3) -> SessionSnapshot {
        SessionSnapshot(
            id: SessionID(), token: nil,
            request: SessionRequest(client: ClientID(), kind: kind, externalUserID: "person-1"),
            targetFrames: target, createdAt: now, expiresAt: now.addingTimeInterval(600))
    }
}
