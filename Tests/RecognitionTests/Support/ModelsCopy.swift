import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing

@testable import Recognition

/// A directory that links to the real files, with a manifest that a test may change.
struct ModelsCopy {
    let directory: TemporaryDirectory
    var manifest: String

    init() throws {
        directory = try TemporaryDirectory()
        let source = TestInputs.models
        guard let files = try? FileManager.default.contentsOfDirectory(atPath: source.path) else {
            throw EdgeError(.modelMissing, "\(source.path) is missing: run scripts/setup first.")
        }
        for file in files where file != "models.json" {
            try FileManager.default.createSymbolicLink(
                atPath: directory.path(file), withDestinationPath: source.appending(path: file).path)
        }
        manifest = try String(contentsOf: source.appending(path: "models.json"), encoding: .utf8)
    }

    func writeManifest() throws {
        try manifest.write(toFile: directory.path("models.json"), atomically: true, encoding: .utf8)
    }

    func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: directory.path(file)) }

    func spoil(_ file: String) throws {
        let path = directory.path(file)
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[bytes.count / 2] ^= 1
        try remove(file)
        try bytes.write(to: URL(filePath: path))
    }

    func engine(model: ModelVersion? = nil) throws -> RecognitionEngine {
        try RecognitionEngine(
            modelsDirectory: directory.url.path, decoder: JPEGTestDecoder(), threads: 1, model: model,
            log: Logger(label: "test"))
    }

    /// Names a second model: the net of the first, which is given the colours the other way round and so makes other
    /// templates.
    mutating func addModel(
        id: String = "sface-bgr", version: String = "1", colour: String = "BGR", range: String = "0...255",
        shape: [Int] = [1, 3, 112, 112], isMeasured: Bool = true
    ) throws {
        var root = try #require(
            JSONSerialization.jsonObject(with: Data(manifest.utf8)) as? [String: Any])
        var models = try #require(root["models"] as? [[String: Any]])
        var model = try #require(models.first { $0["id"] as? String == "sface" })
        var input = try #require(model["input"] as? [String: Any])
        (input["colour"], input["range"], input["shape"]) = (colour, range, shape)
        (model["id"], model["version"], model["input"]) = (id, version, input)
        if !isMeasured { model["thresholds"] = nil }
        models.append(model)
        root["models"] = models
        manifest = String(decoding: try JSONSerialization.data(withJSONObject: root), as: UTF8.self)
    }
}
