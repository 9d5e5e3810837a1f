public import EdgeCore

/// What a directory's manifest names, without loading any net.
public enum InstalledModels {
    /// The models that make templates, with how many numbers each template has.
    ///
    /// A model makes templates when the manifest says which cosine promises which false match rate. Throws
    /// `recognition.model.missing` and `recognition.model.unreadable` for the manifest.
    public static func templates(in directory: String) throws(EdgeError) -> [ModelVersion: Int] {
        var lengths: [ModelVersion: Int] = [:]
        for model in try ModelLibrary.readManifest(directory: directory).models where model.isRecogniser {
            guard let length = model.templateLength else { continue }
            lengths[model.modelVersion] = length
        }
        return lengths
    }

    /// The model by which people are recognised where nobody has chosen another.
    ///
    /// Throws what ``templates(in:)`` throws.
    public static func standard(in directory: String) throws(EdgeError) -> ModelVersion {
        let manifest = try ModelLibrary.readManifest(directory: directory)
        guard let model = manifest.model(NetLoader.standardEmbedder) else {
            throw EdgeError(.modelMissing, "models.json does not name the model \(NetLoader.standardEmbedder).")
        }
        return model.modelVersion
    }

    /// The model that makes templates and is called `name`: its id, or id and version with an `@` between them.
    ///
    /// Throws `recognition.model.missing` for one that the manifest does not name, `recognition.model.unmeasured` for one
    /// without a table of false match rates, `request.invalid` where an id alone could mean several.
    public static func model(named name: String, in directory: String) throws(EdgeError) -> ModelVersion {
        let found = try ModelLibrary.readManifest(directory: directory).models.filter {
            $0.id == name || "\($0.id)@\($0.version)" == name
        }
        guard let first = found.first else {
            throw EdgeError(.modelMissing, "models.json does not name the model \(name).")
        }
        guard found.count == 1 else {
            let names = found.map { "\($0.id)@\($0.version)" }.joined(separator: ", ")
            throw EdgeError(.requestInvalid, "The name \(name) could mean \(names).", field: "model")
        }
        try first.requireThresholds()
        return first.modelVersion
    }
}
