import EdgeCore

/// `models.json`: which files belong to this device's recognition, and what each of them promises.
struct ModelManifest: Decodable, Sendable {
    /// The layout of the file; 1 is the only one.
    var format: Int
    /// The library that runs the nets.
    var runtime: Runtime
    /// The nets.
    var models: [Model]

    /// The library that runs the nets.
    struct Runtime: Decodable, Sendable {
        var file: String
        var version: String
        var sha256: String
    }

    /// One net.
    struct Model: Decodable, Sendable {
        var id: String
        var version: String
        var file: String
        var sha256: String
        var input: Port
        var output: [Port]
        var thresholds: Thresholds?
    }

    /// One input or output; a size that the model leaves open is text or null in the file and -1 here.
    struct Port: Decodable, Sendable {
        var name: String
        var shape: [Int]
        /// The order of the colour planes, `RGB` or `BGR`.
        var colour: String?
        /// The smallest and the largest value, for example `0...255`.
        var range: String?
    }

    /// Numbers that belong to the net and ship with it.
    struct Thresholds: Decodable, Sendable {
        /// Pairs of false match rate and the cosine that promises it.
        var fmrToCosine: [[Double]]?
        /// On what they were measured, for people.
        var source: String?

        enum CodingKeys: String, CodingKey {
            case fmrToCosine = "fmr_to_cosine"
            case source
        }
    }

    /// The net of this id.
    func model(_ id: String) -> Model? { models.first { $0.id == id } }

    /// The net of this id and version.
    func model(_ version: ModelVersion) -> Model? { models.first { $0.modelVersion == version } }
}

extension ModelManifest.Model {
    /// Which net it is.
    var modelVersion: ModelVersion { ModelVersion(id: id, version: version) }

    /// Whether it makes templates: the manifest says which cosine promises which false match rate.
    var isRecogniser: Bool { !thresholdTable.isEmpty }

    /// Its false match rates, the loosest first.
    var thresholdTable: [(fmr: Double, cosine: Double)] {
        let rows = thresholds?.fmrToCosine ?? []
        return rows.filter { $0.count == 2 }.map { (fmr: $0[0], cosine: $0[1]) }.sorted { $0.fmr > $1.fmr }
    }
}

extension ModelManifest.Port {
    enum CodingKeys: String, CodingKey {
        case name
        case shape
        case colour
        case range
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        var sizes = try fields.nestedUnkeyedContainer(forKey: .shape)
        var shape: [Int] = []
        while !sizes.isAtEnd {
            if let size = try? sizes.decode(Int.self) {
                shape.append(size)
            } else if try sizes.decodeNil() {
                shape.append(-1)
            } else {
                _ = try sizes.decode(String.self)
                shape.append(-1)
            }
        }
        self.shape = shape
        colour = try fields.decodeIfPresent(String.self, forKey: .colour)
        range = try fields.decodeIfPresent(String.self, forKey: .range)
    }
}

extension ModelManifest.Model {
    /// What is wrong with a loaded net's inputs and outputs against the contract; `nil` when nothing is.
    func mismatch(inputs: [OnnxSession.Port], outputs: [OnnxSession.Port]) -> String? {
        guard inputs.count == 1, let only = inputs.first, only.fits(input) else {
            return "\(id) does not have the input \(input.name)"
        }
        guard outputs.count == output.count else { return "\(id) does not have \(output.count) outputs" }
        for (found, promised) in zip(outputs, output) where !found.fits(promised) {
            return "\(id) does not have the output \(promised.name)"
        }
        return nil
    }
}

extension OnnxSession.Port {
    fileprivate func fits(_ promised: ModelManifest.Port) -> Bool {
        guard isFloat, name == promised.name, shape.count == promised.shape.count else { return false }
        return zip(shape, promised.shape).allSatisfy { $0 == $1 || $0 < 0 || $1 < 0 }
    }
}
