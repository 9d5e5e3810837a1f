/// Who may look through the cameras.
public enum PreviewAccess: String, Sendable, CaseIterable {
    /// Nobody.
    case off
    /// Who has leave, on this machine alone.
    case local
    /// Who has leave, over the network too.
    case network
}

/// One viewer's look through a camera; it ends when the last who holds it lets go.
public final class PreviewView: Sendable {
    /// The camera's name.
    public let camera: String
    /// Whole JPEGs, few a second; an unread older one is replaced.
    ///
    /// It ends when the camera's footage or the daemon does.
    public let pictures: FrameMailbox

    /// Hands out a mailbox that somebody fills.
    public init(camera: String, pictures: FrameMailbox) {
        self.camera = camera
        self.pictures = pictures
    }

    deinit { pictures.finish() }
}

/// Shows what a camera sees to people who look.
///
/// `Capture` provides it. However many look and however slowly, a camera and its sessions do not wait for them.
public protocol CameraPreview: Sendable {
    /// Who may look.
    var access: PreviewAccess { get }
    /// A look through the camera of this name, or the first one.
    ///
    /// Throws `capture.preview.off`, `capture.camera.unknown`, `request.limited` when too many look already.
    func watch(_ camera: String?) throws(EdgeError) -> PreviewView
    /// Why a camera gives no pictures, where that is known.
    func fault(of camera: String) -> ErrorCode?
}

extension CameraPreview {
    /// The next picture of a camera, as a whole JPEG, and the camera's name.
    ///
    /// Throws what ``watch(_:)`` throws; where no picture comes in time, what the camera's fault is.
    public func snapshot(
        _ camera: String?, within limit: Duration = .seconds(5)
    ) async throws(EdgeError) -> (camera: String, frame: Frame) {
        let view = try watch(camera)
        let frame = await view.pictures.first(within: limit)
        guard let frame else {
            throw EdgeError(fault(of: view.camera) ?? .cameraStalled, "\(view.camera) gave no picture in time.")
        }
        return (view.camera, frame)
    }
}

extension FrameMailbox {
    /// The first frame, and the end of the mailbox; `nil` when none comes in time.
    public func first(within limit: Duration) async -> Frame? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled as soon as there is a frame.
                try? await Task.sleep(for: limit)
                self.finish()
            }
            defer { group.cancelAll() }
            for await frame in self.frames { return frame }
            return nil
        }
    }
}
