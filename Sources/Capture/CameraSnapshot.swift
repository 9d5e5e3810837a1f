public import EdgeCore
public import Logging

/// A single picture of a camera that no daemon has.
public enum CameraSnapshot {
    /// The first pictures of a camera are dark: it is still finding its exposure.
    private static let settling = 10

    /// Runs a camera, alone, until it has given a picture to look at: a whole JPEG.
    ///
    /// Throws what keeps the camera from giving one, for example `capture.device.busy` while a daemon streams from it.
    public static func take(
        _ configuration: CameraConfiguration, within limit: Duration, log: Logger
    ) async throws -> EncodedImage {
        let health = HealthBoard()
        let camera = Camera(configuration: configuration, health: health, log: log)
        let mailbox = camera.subscribe()
        let frame = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await camera.run() }
            group.addTask {
                try? await Task.sleep(for: limit)
                mailbox.finish()
            }
            var last: Frame?
            var count = 0
            for await next in mailbox.frames {
                last = next
                count += 1
                if count == Self.settling { break }
            }
            let fault = camera.status.fault.flatMap(ErrorCode.init(rawValue:)) ?? .cameraStalled
            group.cancelAll()
            try await group.waitForAll()
            guard let frame = last else { throw EdgeError(fault, "\(camera.name) gave no picture in time.") }
            return frame
        }
        return try PreviewPicture.jpeg(of: frame, by: TurboImageDecoder()).image
    }
}
