import EdgeCore
import Logging

/// One camera that sessions wait for.
struct CameraFeed {
    /// Set while subscribed.
    var mailbox: FrameMailbox?
    /// The last session has ended; not the camera.
    var isReleased = false
    /// How often it is looked whether somebody has come.
    var presence = PresencePace()
}

/// Frames from the device's own cameras.
extension SessionService {
    /// Asks `run()` to watch a camera, unless it does.
    func watch(_ camera: String) {
        guard feeds[camera] == nil else { return }
        feeds[camera] = CameraFeed()
        cameraStarter.yield(camera)
    }

    /// Lets go of a camera that no session waits for.
    func release(_ camera: String) {
        guard !isNeeded(camera), let mailbox = feeds[camera]?.mailbox else { return }
        feeds[camera]?.isReleased = true
        mailbox.finish()
    }

    /// Feeds the sessions of one camera until none is open; of an infrared camera the newest frame is kept for them.
    func feed(from camera: String) async {
        guard let source = cameras.first(where: { $0.name == camera }) else { return }
        while !Task.isCancelled, isNeeded(camera) {
            let mailbox = source.subscribe()
            feeds[camera] = CameraFeed(mailbox: mailbox)
            for await frame in mailbox.frames {
                if roster.isInfrared(camera) {
                    views[camera, default: InfraredView()].newest = frame
                } else {
                    await feed(frame, from: source)
                }
                if !isNeeded(camera) { break }
            }
            mailbox.finish()
            views[camera]?.newest = nil
            guard feeds[camera]?.isReleased != true, isNeeded(camera) else { continue }
            // The camera ended by itself. It may come back; asking without a pause would only burn the processor.
            try? await Task.sleep(for: .milliseconds(250))
        }
        feeds[camera] = nil
        views[camera]?.newest = nil
    }

    /// Whether an open session takes its frames from a camera or looks at it beside them.
    private func isNeeded(_ camera: String) -> Bool {
        live.values.contains { $0.isOpen && ($0.snapshot.camera == camera || $0.infrared == camera) }
    }

    private func waitingSessions(on camera: String) -> [SessionID] {
        live.compactMap { $1.isOpen && $1.snapshot.camera == camera ? $0 : nil }
    }

    private func feed(_ frame: Frame, from camera: any FrameSource) async {
        guard feeds[camera.name]?.presence.admits(frame.capturedAt) ?? true else { return }
        // Taken now: after the analysis the newest one would be of another moment.
        let infrared = roster.partner(of: camera.name).flatMap { views[$0.name]?.newest }
        var sessions: [SessionID] = []
        for id in waitingSessions(on: camera.name) where live[id].map({ $0.openedAt <= frame.capturedAt }) ?? false {
            if await mayTakeFrames(id) { sessions.append(id) }
        }
        guard let plan = AnalysisPlan.union(of: sessions.compactMap { live[$0]?.machine.nextPlan }) else { return }
        activity.note(clock.instant)
        defer { activity.note(clock.instant) }
        let evidence: FrameEvidence
        do throws(EdgeError) {
            evidence = try await analyzer.analyze(frame, plan: plan)
        } catch {
            // The next frame comes by itself; a camera that fails for good is its own room's to report.
            log.debug(
                "A camera frame could not be analysed.",
                metadata: ["camera": "\(camera.name)", "code": "\(error.code.rawValue)"])
            return
        }
        feeds[camera.name]?.presence.saw(faces: evidence.faceCount, at: frame.capturedAt)
        if let luma = evidence.faceLuma {
            camera.noteFace(FaceBrightness(luma: Double(luma), takenAt: frame.capturedAt))
        }
        if let face = evidence.face {
            camera.noteSighting(
                FaceSighting(
                    face, frameWidth: evidence.frameWidth, frameHeight: evidence.frameHeight,
                    takenAt: frame.capturedAt))
        }
        let look = await look(at: infrared, beside: frame, showing: evidence, for: sessions)
        let facts = FrameFacts(evidence: evidence, instant: frame.capturedAt, infrared: look)
        for id in sessions { await feed(facts, to: id) }
    }

    /// Ends a session whose user is locked; when the store cannot say, the frame is left out.
    private func mayTakeFrames(_ id: SessionID) async -> Bool {
        do throws(EdgeError) {
            guard try await isLocked(id) else { return true }
            _ = try await endLocked(id)
        } catch {
            complain(error, about: id)
        }
        return false
    }

    private func feed(_ facts: FrameFacts, to id: SessionID) async {
        do throws(EdgeError) {
            _ = try await take(facts, for: id)
        } catch {
            complain(error, about: id)
        }
    }
}

extension AnalysisPlan {
    /// What serves all of `plans`: the strictest gate and every stage that one of them wants.
    static func union(of plans: [AnalysisPlan]) -> AnalysisPlan? {
        guard var all = plans.first else { return nil }
        for plan in plans.dropFirst() {
            if plan.demand == .enrollment { all.demand = .enrollment }
            all.wantsMesh = all.wantsMesh || plan.wantsMesh
            all.wantsLiveness = all.wantsLiveness || plan.wantsLiveness
            all.wantsTemplate = all.wantsTemplate || plan.wantsTemplate
            all.followsMovement = all.followsMovement || plan.followsMovement
        }
        return all
    }
}
