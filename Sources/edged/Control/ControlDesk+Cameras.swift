import Capture
import EdgeCore
import FoundationEssentials

extension Control {
    struct CameraQuery: Codable { var camera: String? }

    /// One picture, a JPEG.
    struct Snapshot: Codable {
        var camera: String
        var width: Int
        var height: Int
        var picture: Data
    }
}

extension ControlDesk {
    /// The next picture of a camera; written down before it is given.
    func takeSnapshot(_ query: Control.CameraQuery) async throws(EdgeError) -> Control.Snapshot {
        guard let preview else { throw EdgeError(.internalFault, "no camera is open in this process") }
        let seen = try await preview.snapshot(query.camera)
        try await store.append(
            AuditRecord(
                action: "preview.snapshot", succeeded: true,
                detailsJSON: try ControlJSON.line(["camera": seen.camera, "way": "control"]), at: SystemClock().wall))
        let image = seen.frame.image
        return Control.Snapshot(
            camera: seen.camera, width: image.width, height: image.height, picture: Data(image.bytes))
    }
}
