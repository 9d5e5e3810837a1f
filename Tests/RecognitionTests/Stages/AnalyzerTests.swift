import EdgeCore
import EdgeTesting
import Testing

@testable import Recognition

@Suite("The way of a frame")
struct AnalyzerTests {
    private func evidence(_ image: Image, _ plan: AnalysisPlan = RealParts.everything) async throws -> FrameEvidence {
        try await RealParts.engine().analyze(image.encoded, plan: plan, enforcesGate: true)
    }

    private func evidence(
        still name: String, _ plan: AnalysisPlan = RealParts.everything
    ) async throws -> FrameEvidence {
        let engine = try RealParts.engine()
        let picture = try await engine.inspect(TestInputs.bytes("stills/\(name)"))
        return try await engine.analyze(picture, plan: plan, enforcesGate: true)
    }

    @Test(
        "ordinary portraits pass the gate and get a template",
        arguments: [
            "obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "single_face.jpg", "profile15.jpg",
        ])
    func portraitsPass(name: String) async throws {
        let found = try await evidence(still: name)
        #expect(found.refusal == nil)
        #expect(found.template != nil)
        #expect(found.faceCount == 1)
        #expect(found.quality > 0.6)
        #expect(found.timings.map(\.stage).last == "embed")
        #expect(found.faceLuma.map { (40...220).contains($0) } == true)
    }

    @Test("a face that is refused since it is dark is told with how dark it is")
    func faceLuma() async throws {
        let image = try RealParts.image(TestInputs.bytes("stills/obama.jpg"))
        let light = try #require(try await evidence(image).faceLuma)
        let dark = try await evidence(image.changed { UInt8(Double($0) * 0.1) })
        #expect(dark.refusal == .imageDark)
        let luma = try #require(dark.faceLuma)
        #expect(abs(luma - light / 10) < 5, "\(luma) and \(light)")
    }

    @Test("a head turned by 45 degrees is refused, and says so")
    func turnedHead() async throws {
        let found = try await evidence(still: "profile45.jpg")
        #expect(found.refusal == .faceTurned)
        #expect(found.template == nil && found.livenessLogit == nil)
    }

    @Test("a group is refused before anything costly runs", arguments: [("multi_face.jpg", 5), ("t1.jpg", 6)])
    func group(name: String, people: Int) async throws {
        let found = try await evidence(still: name)
        #expect(found.refusal == .faceMultiple)
        #expect(found.faceCount == people)
        #expect(Set(found.timings.map(\.stage)) == ["decode", "detect"])
    }

    @Test("nobody there: no face, no measure, no template")
    func nobody() async throws {
        for bytes in try TestInputs.footage("no-face", limit: 5) {
            let found = try await evidence(RealParts.image(bytes))
            #expect(found.faceCount == 0 && found.face == nil && found.measures.isEmpty)
            #expect(found.refusal == .faceNone && found.quality == 0)
        }
    }

    @Test("a face at the edge is cut off, although the detector keeps its box inside")
    func cutOff() async throws {
        let image = try RealParts.still("obama.jpg")
        let face = try #require(try RealParts.face(in: image))
        let left = Int(face.x + face.width * 0.4)
        let fromTheLeft = image.cut(x: left, y: 0, width: image.width - left, height: image.height)
        #expect(try await evidence(fromTheLeft).refusal == .faceCutOff)
        let fromBelow = image.cut(x: 0, y: 0, width: image.width, height: Int(face.y + face.height * 0.65))
        #expect(try await evidence(fromBelow).refusal == .faceCutOff)
    }

    @Test("a face far away is too small")
    func tooSmall() async throws {
        let image = try RealParts.still("single_face.jpg")
        let engine = try RealParts.engine()
        let face = try #require(try RealParts.face(in: image))
        let picture = try await engine.inspect(TestInputs.bytes("stills/single_face.jpg"))
        let wanted = Int(Float(image.longSide) * 18 / face.interEyeDistance)
        let small = try JPEGTestDecoder().decode(picture, scale: .atLeast(longSide: wanted))
        #expect(try await evidence(small).refusal == .faceTooSmall)
    }

    @Test("darkness, glare, blur, shaking and fog are refused for what they are")
    func spoiltLight() async throws {
        for name in ["single_face.jpg", "profile15.jpg"] {
            let image = try RealParts.still(name)
            #expect(try await evidence(image.changed { UInt8(Double($0) * 0.1) }).refusal == .imageDark, "\(name)")
            #expect(
                try await evidence(image.changed { UInt8(min(Double($0) * 1.5 + 110, 255)) }).refusal == .imageBright,
                "\(name)")
            #expect(
                try await evidence(image.changed { UInt8(112 + Int($0) / 12) }).refusal == .imageLowContrast, "\(name)")
            #expect(try await evidence(image.defocused(length: 29)).refusal == .imageBlurred, "\(name)")
            #expect(try await evidence(image.smeared(length: 61)).refusal == .imageBlurred, "\(name)")
        }
    }

    @Test("closed eyes are refused, a blink's frames are not called anything else")
    func closedEyes() async throws {
        #expect(try await evidence(RealParts.frame("webcam-man", 27)).refusal == .eyesClosed)
        #expect(try await evidence(RealParts.frame("webcam-man", 35)).refusal == nil)
    }

    @Test("a stage that nobody asks for does not run")
    func onlyWhatIsWanted() async throws {
        var plan = RealParts.everything
        plan.wantsTemplate = false
        plan.wantsLiveness = false
        plan.wantsMesh = false
        let found = try await evidence(RealParts.frame("webcam-man", 0), plan)
        #expect(Set(found.timings.map(\.stage)) == ["decode", "detect", "align", "quality"])
        #expect(found.pose == nil && found.eyeAspectRatio == nil && found.template == nil)
        #expect(!found.measures.contains { $0.name == .headPoseYaw || $0.name == .eyesOpen })
    }

    @Test("a frame that is too late stops with what it has")
    func deadline() async throws {
        var plan = RealParts.everything
        plan.deadline = FrameClock().now
        let found = try await evidence(RealParts.frame("webcam-man", 0), plan)
        #expect(found.face != nil && found.template == nil && found.livenessLogit == nil)
        #expect(Set(found.timings.map(\.stage)) == ["decode", "detect"])
    }

    @Test("a JPEG and its pixels give the same template, and two calls the same evidence")
    func repeatable() async throws {
        let bytes = try TestInputs.bytes("webcam-man/0000.jpg")
        let engine = try RealParts.engine()
        let fromFile = try await engine.template(ofPicture: bytes)
        let fromPixels = try await evidence(RealParts.image(bytes)).template
        #expect(fromFile != nil && fromFile == fromPixels)
    }

    @Test("the face is given in pixels of the full frame, however small it was decoded")
    func fullFramePixels() async throws {
        let image = try RealParts.still("obama.jpg")
        let local = try #require(try RealParts.face(in: image))
        let found = try #require(try await evidence(still: "obama.jpg").face)
        #expect(image.longSide > 800)
        #expect(FaceDetector.overlap(local, found) > 0.85)
    }

    @Test("strict enrollment refuses what lenient authentication takes")
    func enrollmentIsStricter() async throws {
        var plan = RealParts.everything
        plan.demand = .enrollment
        #expect(try await evidence(still: "obama_partial_face.jpg").refusal == nil)
        #expect(try await evidence(still: "obama_partial_face.jpg", plan).refusal == .faceCutOff)
        #expect(try await evidence(still: "obama.jpg", plan).refusal == nil)
    }

    @Test("a damaged picture is the decoder's error")
    func damaged() async throws {
        let bytes = try TestInputs.bytes("webcam-man/0000.jpg")
        let engine = try RealParts.engine()
        let error = await #expect(throws: EdgeError.self) { try await engine.template(ofPicture: []) }
        #expect(error?.code == .imageEmpty)
        let text = await #expect(throws: EdgeError.self) { try await engine.template(ofPicture: Array("hello".utf8)) }
        #expect(text?.code == .imageUnsupported)
        #expect(bytes.count > 100)
    }

    @Test("one cheap look tells a room with somebody from an empty one")
    func presence() async throws {
        let engine = try RealParts.engine()
        for (footage, isThere) in [("webcam-man", true), ("no-face", false)] {
            for bytes in try TestInputs.footage(footage, limit: 6) {
                let frame = Frame(
                    image: try await engine.inspect(bytes), capturedAt: FrameClock().now, sequence: 0, origin: .camera)
                #expect(try await engine.presence(in: frame) == isThere)
            }
        }
    }

    @Test("measures carry OFIQ names, lie between 0 and 100, and the unified score comes first")
    func measures() async throws {
        let found = try await evidence(RealParts.frame("webcam-man", 35))
        #expect(found.measures.first?.name == .unifiedQualityScore)
        #expect(found.measures.allSatisfy { (0...100).contains($0.score) && $0.native.isFinite })
        #expect(Set(found.measures.map(\.name)).count == found.measures.count)
        #expect(!found.measures.contains { $0.name == .faceOcclusionPrevention })
    }
}
