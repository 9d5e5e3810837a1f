public import EdgeCore

/// What a directory's manifest names, without loading any net.
public enum InstalledModels {
    /// The models that make templates, with how many numbers each template has.
    ///
    /// A model makes templates when the manifest says which cosine promises which false match rate. Throws
    /// `recognition.model.missing` and `recognition.model.unreadable` for the manifest.
    public static func templates(in directory: String) throws(EdgeError) -> [ModelVersion: Int] {
        var lengths: [ModelVersion: Int] = [:]
        for model in try ModelLibrary.readManifest(directory: directory).models
        where model.thresholds?.fmrToCosine?.isEmpty == false {
            guard let length = model.output.first?.shape.last, length > 0 else { continue }
            lengths[ModelVersion(id: model.id, version: model.version)] = length
        }
        return lengths
    }
}
