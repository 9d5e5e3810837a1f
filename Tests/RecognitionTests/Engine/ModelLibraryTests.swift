import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing

@testable import Recognition

@Suite("Model library")
struct ModelLibraryTests {
    @Test("the project's models load, and the status names them")
    func modelsLoad() throws {
        let engine = try RealParts.engine()
        let loaded = Set(engine.models.filter(\.isLoaded).map(\.id))
        #expect(loaded.isSuperset(of: ["yunet", "sface", "facemesh", "eyes"]))
        #expect(engine.templateModel.id == "sface")
        #expect(engine.thresholdTable.map(\.cosine) == engine.thresholdTable.map(\.cosine).sorted())
        #expect(engine.thresholdTable.contains { $0.fmr == 1e-5 })
    }

    @Test("one changed bit in any file is refused", arguments: ["yunet.onnx", "sface.onnx", "libonnxruntime.so.1"])
    func changedFileIsRefused(file: String) throws {
        let copy = try ModelsCopy()
        try copy.writeManifest()
        try copy.spoil(file)
        let error = #expect(throws: EdgeError.self) { try copy.engine() }
        #expect(error?.code == .modelWrongHash)
    }

    @Test("a missing file is named", arguments: ["yunet.onnx", "sface.onnx", "face_landmark.onnx"])
    func missingModelIsNamed(file: String) throws {
        let copy = try ModelsCopy()
        try copy.writeManifest()
        try copy.remove(file)
        let error = #expect(throws: EdgeError.self) { try copy.engine() }
        #expect(error?.code == .modelMissing)
        #expect(error?.detail.contains(file) == true)
    }

    @Test("a missing runtime and a missing manifest are told apart")
    func missingRuntime() throws {
        let copy = try ModelsCopy()
        let noManifest = #expect(throws: EdgeError.self) { try copy.engine() }
        #expect(noManifest?.code == .modelMissing)
        try copy.writeManifest()
        try copy.remove("libonnxruntime.so.1")
        let noRuntime = #expect(throws: EdgeError.self) { try copy.engine() }
        #expect(noRuntime?.code == .runtimeMissing)
    }

    @Test("without the passive pair the engine works and says that it has no passive liveness")
    func passivePairIsOptional() throws {
        let copy = try ModelsCopy()
        try copy.writeManifest()
        try? copy.remove("minifasnet_v2.onnx")
        let engine = try copy.engine()
        #expect(!engine.hasPassiveLiveness)
        #expect(engine.models.filter(\.isLoaded).allSatisfy { !$0.id.hasPrefix("minifasnet") })
    }

    @Test("a spoilt optional file is refused, not left out")
    func spoiltOptionalFileIsRefused() throws {
        let copy = try ModelsCopy()
        try copy.writeManifest()
        try copy.spoil("iris_landmark.onnx")
        let error = #expect(throws: EdgeError.self) { try copy.engine() }
        #expect(error?.code == .modelWrongHash)
    }

    @Test(
        "a model that does not keep the manifest's contract is refused",
        arguments: [(#""name": "fc1""#, #""name": "other""#), ("[1, 128]", "[1, 256]")])
    func contractIsChecked(old: String, new: String) throws {
        var copy = try ModelsCopy()
        let compact = copy.manifest.replacing(/\s+/, with: " ").replacing("[ ", with: "[").replacing(" ]", with: "]")
        #expect(compact.contains(old))
        copy.manifest = compact.replacing(old, with: new)
        try copy.writeManifest()
        let error = #expect(throws: EdgeError.self) { try copy.engine() }
        #expect(error?.code == .modelUnreadable)
    }

    @Test("a manifest of another format, or no JSON at all, is refused", arguments: ["{}", "[", #"{"format":2}"#])
    func badManifest(text: String) throws {
        var copy = try ModelsCopy()
        copy.manifest = text
        try copy.writeManifest()
        let error = #expect(throws: EdgeError.self) { try copy.engine() }
        #expect(error?.code == .modelUnreadable)
    }
}
