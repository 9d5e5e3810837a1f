import EdgeCore
import Synchronization

/// One camera's pictures, for all who look through it.
///
/// While somebody does, it is one more reader of the camera, to whom the newest frame wins as to any other.
final class PreviewChannel: Sendable {
    private struct State {
        var viewers: [UInt64: FrameMailbox] = [:]
        var lastViewer: UInt64 = 0
        /// What the camera gives, while somebody looks.
        var source: FrameMailbox?
        var isClosed = false
    }

    private let camera: any FrameSource
    private let framesPerSecond: Int
    private let drawsFace: Bool
    private let decoder: any ImageDecoder
    private let state = Mutex(State())
    /// Says that somebody came.
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    init(_ camera: any FrameSource, framesPerSecond: Int, drawsFace: Bool = false, decoder: any ImageDecoder) {
        self.camera = camera
        self.framesPerSecond = framesPerSecond
        self.drawsFace = drawsFace
        self.decoder = decoder
        (arrivals, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    var name: String { camera.name }

    var fault: ErrorCode? { camera.status.fault.flatMap(ErrorCode.init(rawValue:)) }

    /// A mailbox with the pictures from now on; `whenGone` is called once, when it has ended.
    func admit(whenGone: @escaping @Sendable () -> Void) -> FrameMailbox {
        let viewer = FrameMailbox()
        let id = state.withLock { state in
            state.lastViewer += 1
            return state.lastViewer
        }
        // Before anybody else may end it: the place must be free again in any case.
        viewer.onEnd { [weak self] in
            self?.leave(id)
            whenGone()
        }
        let isIn = state.withLock { state in
            guard !state.isClosed else { return false }
            state.viewers[id] = viewer
            return true
        }
        if isIn { arrival.yield() } else { viewer.finish() }
        return viewer
    }

    /// Shows pictures whenever somebody looks, until the task is cancelled.
    func run() async {
        for await _ in arrivals { await show() }
        let left = state.withLock { state in
            state.isClosed = true
            return Array(state.viewers.values)
        }
        for viewer in left { viewer.finish() }
    }

    private func show() async {
        guard let source = open() else { return }
        var pace = PreviewPace(framesPerSecond: framesPerSecond)
        for await frame in source.frames where pace.admits(frame.capturedAt) {
            guard let picture = picture(of: frame) else { continue }
            let viewers = state.withLock { Array($0.viewers.values) }
            for viewer in viewers { viewer.post(picture) }
        }
        close(source)
    }

    /// What is damaged is not shown: the next frame is there in a moment.
    private func picture(of frame: Frame) -> Frame? {
        let seen = drawsFace ? camera.sighting : nil
        let face = seen.flatMap { FaceBox.fits($0, frame.capturedAt) ? $0 : nil }
        do throws(EdgeError) { return try PreviewPicture.jpeg(of: frame, by: decoder, face: face) } catch { return nil }
    }

    /// Reads the camera; `nil` when nobody looks any more.
    private func open() -> FrameMailbox? {
        let source = camera.subscribe()
        let isWanted = state.withLock { state in
            guard !state.viewers.isEmpty else { return false }
            state.source = source
            return true
        }
        if !isWanted { source.finish() }
        return isWanted ? source : nil
    }

    /// The frames have ended: since the last viewer left, or the camera has no more, of which those who still look are told.
    private func close(_ source: FrameMailbox) {
        source.finish()
        let left = state.withLock { state -> [FrameMailbox] in
            guard state.source === source else { return [] }
            state.source = nil
            return Array(state.viewers.values)
        }
        for viewer in left { viewer.finish() }
    }

    private func leave(_ id: UInt64) {
        // Released outside the lock: the last reference to a mailbox may end its stream, which calls back in here.
        let (gone, idle) = state.withLock { state -> (FrameMailbox?, FrameMailbox?) in
            let gone = state.viewers.removeValue(forKey: id)
            guard state.viewers.isEmpty else { return (gone, nil) }
            defer { state.source = nil }
            return (gone, state.source)
        }
        _ = gone
        idle?.finish()
    }
}
