import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("A second model that makes templates")
struct SecondModelTests {
    private let second = ModelVersion(id: "sface-bgr", version: "1")
    private let first = ModelVersion(id: "sface", version: "2021dec")

    private func faces() throws -> [FaceCrop] {
        try ["obama.jpg", "obama2.jpg", "biden.jpg"].map { name in
            let image = try RealParts.still(name)
            let face = try #require(try RealParts.face(in: image))
            return try #require(FaceCrop(FaceAligner.align(face, in: image)))
        }
    }

    private func cosine(_ one: FaceTemplate, _ other: FaceTemplate) -> Float {
        zip(one.values, other.values).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test("makes templates of crops beside the first one, other ones, by which people are told apart")
    func embedsCrops() async throws {
        var copy = try ModelsCopy()
        try copy.addModel()
        try copy.writeManifest()
        let engine = try copy.engine()
        #expect(engine.templateModel == first)
        let crops = try faces()
        let old = try await engine.embedder(of: first).templates(of: crops)
        let new = try await engine.embedder(of: second).templates(of: crops)
        #expect(new.allSatisfy { $0.model == second && $0.values.count == 128 })
        for (one, other) in zip(old, new) { #expect(cosine(one, other) < 0.99, "another net makes other numbers") }
        #expect(cosine(new[0], new[1]) > 0.4)
        #expect(cosine(new[0], new[2]) < 0.3)
    }

    @Test("can be the one that sessions use, with its own thresholds")
    func isChosen() async throws {
        var copy = try ModelsCopy()
        try copy.addModel()
        try copy.writeManifest()
        let engine = try copy.engine(model: second)
        #expect(engine.templateModel == second)
        #expect(engine.templateLength == 128)
        #expect(engine.thresholdTable.contains { $0.fmr == 1e-5 })
        #expect(engine.models.first { $0.id == "sface-bgr" }?.isLoaded == true)
        #expect(engine.models.first { $0.id == "sface" }?.isLoaded == false)
        let template = try #require(try await engine.template(ofPicture: TestInputs.bytes("stills/obama.jpg")))
        #expect(template.model == second)
        let crop = try #require(try faces().first)
        #expect(
            cosine(template, try #require(try await engine.embedder(of: second).templates(of: [crop]).first)) > 0.9)
    }

    @Test("is refused by name without a table of false match rates, or when nobody named it")
    func unmeasured() throws {
        var copy = try ModelsCopy()
        try copy.addModel(isMeasured: false)
        try copy.writeManifest()
        let directory = copy.directory.url.path
        let engine = try copy.engine()
        for attempt in [
            { _ = try engine.embedder(of: second) }, { _ = try copy.engine(model: second) },
            { _ = try InstalledModels.model(named: "sface-bgr", in: directory) },
            { _ = try InstalledModels.model(named: "yunet", in: directory) },
        ] {
            let error = #expect(throws: EdgeError.self, performing: attempt)
            #expect(error?.code == .modelUnmeasured)
            #expect(error?.detail.contains("sface-bgr 1") == true || error?.detail.contains("yunet") == true)
        }
        let unknown = #expect(throws: EdgeError.self) { try InstalledModels.model(named: "other", in: directory) }
        #expect(unknown?.code == .modelMissing && unknown?.detail.contains("other") == true)
        #expect(try InstalledModels.templates(in: directory) == [first: 128])
    }

    @Test("is found by its id, or by id and version where an id stands for several")
    func naming() throws {
        var copy = try ModelsCopy()
        try copy.addModel()
        try copy.addModel(id: "sface", version: "2030")
        try copy.writeManifest()
        let directory = copy.directory.url.path
        #expect(try InstalledModels.model(named: "sface-bgr", in: directory) == second)
        #expect(try InstalledModels.model(named: "sface@2021dec", in: directory) == first)
        #expect(try InstalledModels.standard(in: directory) == first)
        let error = #expect(throws: EdgeError.self) { try InstalledModels.model(named: "sface", in: directory) }
        #expect(error?.code == .requestInvalid && error?.detail.contains("sface@2030") == true)
        #expect(try InstalledModels.templates(in: directory).count == 3)
    }

    @Test(
        "is refused when it wants another input than an aligned face of a known form",
        arguments: [("GREY", "0...255", 112), ("RGB", "0...7", 112), ("RGB", "0...255", 160)])
    func unknownInput(colour: String, range: String, side: Int) throws {
        let port = ModelManifest.Port(name: "data", shape: [1, 3, side, side], colour: colour, range: range)
        #expect(EmbedderInput(port) == nil)
    }

    @Test("is given the face in the order and range that the manifest says")
    func input() throws {
        var face = Tensor(shape: [1, 3, 112, 112], values: [Float](repeating: 0, count: 3 * 112 * 112))
        (face.values[0], face.values[112 * 112], face.values[2 * 112 * 112]) = (255, 51, 0)
        func given(_ colour: String?, _ range: String?) throws -> [Float] {
            let port = ModelManifest.Port(name: "data", shape: [1, 3, 112, 112], colour: colour, range: range)
            let values = try #require(EmbedderInput(port)).values(of: face).values
            return [values[0], values[112 * 112], values[2 * 112 * 112]]
        }
        #expect(try given(nil, nil) == [255, 51, 0])
        #expect(try given("BGR", "0...255") == [0, 51, 255])
        #expect(try given("RGB", "0...1").map { ($0 * 10).rounded() } == [10, 2, 0])
        #expect(try given("RGB", "-1...1").map { ($0 * 10).rounded() } == [10, -6, -10])
    }

    @Test("a crop's pixels are the aligned face rounded, and make nearly the same template")
    func rounding() throws {
        let image = try RealParts.still("obama.jpg")
        let aligned = FaceAligner.align(try #require(try RealParts.face(in: image)), in: image)
        let crop = try #require(FaceCrop(aligned))
        let again = crop.tensor
        #expect(zip(aligned.values, again.values).allSatisfy { abs($0 - $1) <= 0.5 })
        #expect(FaceCrop(again) == crop)
        let embedder = try RealParts.nets().embedder
        #expect(try cosine(embedder.template(of: aligned), embedder.template(of: again)) > 0.999)
    }
}
