import CKernels
import EdgeCore
import FoundationEssentials
import Testing

@testable import Recognition

/// People and evidence made of numbers: whoever has the same number is the same person.
enum Synthetic {
    static let model = ModelVersion(id: "synthetic", version: "1")
    // Measured points whose slope falls, as a real table's does; 1e-5 is then 0.45.
    static let thresholds = makeThresholds()

    private static func makeThresholds() -> ThresholdTable {
        do {
            return try ThresholdTable([(1e-2, 0.28), (1e-3, 0.34), (1e-4, 0.39)])
        } catch {
            preconditionFailure("the table is in order")
        }
    }

    /// A template of a person; two variations of one person have a cosine of about `likeness` squared.
    static func template(person: Int, variation: Int = 0, likeness: Float = 0.93) -> FaceTemplate {
        let base = direction(UInt64(person) &* 7919 &+ 1)
        let noise = direction(UInt64(variation) &* 104_729 &+ UInt64(person) &* 31 &+ 500_000)
        let rest = (1 - likeness * likeness).squareRoot()
        let mixed = zip(base, noise).map { $0 * likeness + $1 * rest }
        return FaceTemplate(model: model, values: TemplateMath.mean(of: [mixed]) ?? base)
    }

    static func record(
        _ person: Int, samples: Int = 3, variation: Int = 0, id: PersonID = PersonID(), client: ClientID
    ) -> GalleryRecord {
        GalleryRecord(
            client: client, person: MatchedPerson(id: id, externalID: "user-\(person)"),
            templates: (0..<samples).map { template(person: person, variation: 1000 + variation + $0) })
    }

    static func face(x: Float = 200, y: Float = 100, size: Float = 200) -> FaceGeometry {
        FaceGeometry(
            x: x, y: y, width: size, height: size,
            landmarks: [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
                .map { Point(x: x + size * $0.0, y: y + size * $0.1) },
            score: 0.95)
    }

    private static func direction(_ seed: UInt64) -> [Float] {
        var row = [Float](repeating: 0, count: 128)
        ck_match_random(&row, 1, 128, seed)
        return row
    }
}

extension FrameEvidence {
    /// A good frame of a person, live beyond doubt, unless told otherwise.
    static func of(
        _ person: Int, variation: Int = 0, logit: Float? = 3, quality: Double = 0.8, refusal: Reason? = nil,
        yaw: Float = 0, eyes: Float = 0.28, x: Float = 200, faces: Int = 1
    ) -> FrameEvidence {
        // A movement gives a template too, though no probe.
        let hasTemplate = faces == 1 && (refusal == nil || refusal == .eyesClosed || refusal == .faceTurned)
        return FrameEvidence(
            frameWidth: 640, frameHeight: 480, faceCount: faces, face: Synthetic.face(x: x), measures: [],
            quality: quality, refusal: refusal, pose: HeadPose(yaw: yaw, pitch: 0, roll: 0), eyeAspectRatio: eyes,
            livenessLogit: logit,
            template: hasTemplate ? Synthetic.template(person: person, variation: variation) : nil,
            timings: [])
    }

    static let nobody = FrameEvidence(
        frameWidth: 640, frameHeight: 480, faceCount: 0, face: nil, measures: [], quality: 0, refusal: .faceNone,
        pose: nil, eyeAspectRatio: nil, livenessLogit: nil, template: nil, timings: [])
}

/// The same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension InfraredSight {
    /// A picture of 640 by 480 with one face, or with none.
    static func of(
        _ face: FaceGeometry?, light: Double = 80, mean: Double = 120, deviation: Double = 30,
        surroundings: Double? = 60, number: Int = 0
    ) -> InfraredSight {
        InfraredSight(
            light: light,
            faces: face.map {
                [
                    InfraredFace(
                        place: RelativePlace(of: $0, width: 640, height: 480), mean: mean, deviation: deviation,
                        surroundings: surroundings)
                ]
            } ?? [],
            pictureDigest: UInt64(number))
    }
}
