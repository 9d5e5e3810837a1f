import EdgeTesting
import Foundation
import Testing

/// The project's models and a second one that makes templates: the net of the first, which is given the colours the other way
/// round.
struct TwoModels {
    static let second = "sface-bgr"
    let directory: TemporaryDirectory
    var path: String { directory.url.path }

    init() throws {
        directory = try TemporaryDirectory()
        let source = TestInputs.models
        for file in try FileManager.default.contentsOfDirectory(atPath: source.path) where file != "models.json" {
            try FileManager.default.createSymbolicLink(
                atPath: directory.path(file), withDestinationPath: source.appending(path: file).path)
        }
        let manifest = try Data(contentsOf: source.appending(path: "models.json"))
        var root = try #require(JSONSerialization.jsonObject(with: manifest) as? [String: Any])
        var models = try #require(root["models"] as? [[String: Any]])
        var model = try #require(models.first { $0["id"] as? String == "sface" })
        var input = try #require(model["input"] as? [String: Any])
        input["colour"] = "BGR"
        (model["id"], model["version"], model["input"]) = (Self.second, "1", input)
        models.append(model)
        root["models"] = models
        try JSONSerialization.data(withJSONObject: root).write(to: URL(filePath: directory.path("models.json")))
    }
}
