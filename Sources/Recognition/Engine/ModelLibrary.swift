import EdgeCore
import FoundationEssentials

/// Opens what the manifest names, and nothing else: a file whose hash is wrong is refused before it is used.
struct ModelLibrary: Sendable {
    /// What the directory should hold.
    private(set) var manifest: ModelManifest
    private let directory: String
    private let runtime: OnnxRuntime

    /// Reads the manifest and opens the runtime.
    init(directory: String) throws(EdgeError) {
        self.directory = directory
        manifest = try Self.readManifest(directory: directory)
        let path = "\(directory)/\(manifest.runtime.file)"
        _ = try Self.checkedBytes(path: path, sha256: manifest.runtime.sha256, missing: .runtimeMissing)
        runtime = try OnnxRuntime(path: path)
    }

    /// The same with the manifest as it stands on the disk now: a model may have been added since the start.
    func reread() throws(EdgeError) -> ModelLibrary {
        var library = self
        library.manifest = try Self.readManifest(directory: directory)
        return library
    }

    /// The runtime's own version text.
    var runtimeVersion: String { runtime.version }

    /// Whether the manifest names the net and its file is there.
    func has(_ id: String) -> Bool {
        guard let model = manifest.model(id) else { return false }
        return FileManager.default.fileExists(atPath: "\(directory)/\(model.file)")
    }

    /// Loads a net and checks that it is what the manifest promises.
    func load(_ id: String, usesArena: Bool = false) throws(EdgeError) -> OnnxSession {
        guard let model = manifest.model(id) else {
            throw EdgeError(.modelMissing, "models.json does not name the model \(id).")
        }
        return try load(model, usesArena: usesArena)
    }

    /// Loads a net of the manifest and checks that it is what the manifest promises.
    func load(_ model: ModelManifest.Model, usesArena: Bool = false) throws(EdgeError) -> OnnxSession {
        let path = "\(directory)/\(model.file)"
        let bytes = try Self.checkedBytes(path: path, sha256: model.sha256, missing: .modelMissing)
        let session = try OnnxSession(model: bytes, runtime: runtime, usesArena: usesArena)
        if let mismatch = model.mismatch(inputs: session.inputs, outputs: session.outputs) {
            throw EdgeError(.modelUnreadable, "A model is not what models.json promises: \(mismatch).")
        }
        return session
    }

    static func readManifest(directory: String) throws(EdgeError) -> ModelManifest {
        let path = "\(directory)/models.json"
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw EdgeError(.modelMissing, "\(path) is missing.")
        }
        do {
            let manifest = try JSONDecoder().decode(ModelManifest.self, from: bytes)
            guard manifest.format == 1 else {
                throw EdgeError(.modelUnreadable, "\(path) has the unknown format \(manifest.format).")
            }
            return manifest
        } catch let error as EdgeError {
            throw error
        } catch {
            throw EdgeError(.modelUnreadable, "\(path) cannot be read as a manifest.")
        }
    }

    private static func checkedBytes(path: String, sha256: String, missing: ErrorCode) throws(EdgeError) -> [UInt8] {
        guard let bytes = FileBytes.read(path) else { throw EdgeError(missing, "\(path) is missing.") }
        guard SHA256.hex(of: bytes) == sha256.lowercased() else {
            throw EdgeError(.modelWrongHash, "\(path) is not the file that models.json names.")
        }
        return bytes
    }
}
