public import Foundation

/// The test inputs that `scripts/setup` fetched.
public enum TestInputs {
    /// The project's root directory.
    public static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Real faces and footage: `EDGED_TESTDATA`, else `.testdata` in the project.
    public static let data = directory("EDGED_TESTDATA", default: ".testdata")

    /// Model files and the runtime: `EDGED_MODELS`, else `models` in the project.
    public static let models = directory("EDGED_MODELS", default: "models")

    /// Whether set-up could get the passive liveness weights, which no package registry carries.
    ///
    /// Tests of these nets are enabled by it, and the run says which were skipped.
    public static var hasPassiveLiveness: Bool {
        ["minifasnet_v2.onnx", "minifasnet_v1se.onnx"].allSatisfy {
            FileManager.default.fileExists(atPath: models.appending(path: $0).path)
        }
    }

    /// A test input that is not there.
    public struct Missing: Error, CustomStringConvertible {
        /// Which one.
        public let path: String
        /// Says what to do.
        public var description: String { "\(path) is missing: run scripts/setup first" }
    }

    /// The bytes of a file below ``data``, for example `stills/obama.jpg`.
    public static func bytes(_ path: String) throws -> [UInt8] {
        let file = data.appending(path: path)
        guard let bytes = FileManager.default.contents(atPath: file.path) else { throw Missing(path: path) }
        return Array(bytes)
    }

    /// The pictures of one piece of footage below ``data`` in order of their names, at most `limit`.
    public static func footage(_ name: String, limit: Int = .max) throws -> [[UInt8]] {
        let folder = data.appending(path: name)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let pictures = files.filter { $0.hasSuffix(".jpg") }.sorted().prefix(limit)
        guard !pictures.isEmpty else { throw Missing(path: name) }
        return try pictures.map { try bytes("\(name)/\($0)") }
    }

    private static func directory(_ variable: String, default name: String) -> URL {
        if let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty { return URL(filePath: path) }
        return root.appending(path: name)
    }
}
