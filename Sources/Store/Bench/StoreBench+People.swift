public import EdgeCore
import FoundationEssentials
import GRDB

extension StoreBench {
    /// Makes a closed store of `people` people with `templates` templates each, as if `model` had made them.
    ///
    /// Returns the bytes of its file.
    @discardableResult
    public func populate(
        _ name: String, people: Int, templates: Int, of model: ModelVersion = BenchTemplates.model
    ) async throws(EdgeError) -> Int {
        let store = try await open(name)
        do throws(EdgeError) {
            let client = try await store.createClient(name: "Bench").client.id
            for start in stride(from: 0, to: people, by: 500) where !Task.isCancelled {
                let numbers = start..<min(start + 500, people)
                try await store.write { db in
                    for number in numbers {
                        try store.insertStranger(number, templates: templates, model: model, of: client, db)
                    }
                }
            }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        guard !Task.isCancelled else { throw EdgeError(.shuttingDown) }
        let file = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)/\(DatabaseFile.name)")
        return file?[.size] as? Int ?? 0
    }
}

extension EdgeStore {
    /// A person as an enrollment leaves them, made without a session.
    fileprivate func insertStranger(
        _ number: Int, templates: Int, model: ModelVersion, of client: ClientID, _ db: Database
    ) throws {
        let moment = clock.wall
        let externalID = "employee-\(number)"
        let digest = try Data(digest(ofExternalID: externalID, client: client))
        let owner = try insertPerson(
            PersonalData(externalID: externalID, displayName: "Person \(number)"), digest: digest, of: client,
            at: moment, db)
        let enrollment = EnrollmentID()
        try db.cachedStatement(
            sql: """
                INSERT INTO enrollments (id, client_id, session_id, person_id, claimed_digest, status, sample_number,
                    total_samples, created_at, updated_at, session_expires_at, completed_at)
                VALUES (?, ?, ?, ?, ?, 'active', 1, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            enrollment.column, client.column, SessionID().column, owner.id.column, digest, templates, moment.column,
            moment.column, moment.column, moment.column,
        ])
        try db.cachedStatement(sql: "UPDATE people SET enrolled_at = ?, enrollment_id = ? WHERE key = ?")
            .execute(arguments: [moment.column, enrollment.column, owner.key])
        for sample in 0..<templates {
            let template = BenchTemplates.template(number * templates + sample, model: model)
            try insert(template, quality: 0.9, number: sample + 1, of: owner, at: moment, db)
        }
    }
}

/// Templates of nobody.
public enum BenchTemplates {
    /// Which net they seem to come from.
    public static let model = ModelVersion(id: "bench", version: "1")

    /// A template of 128 numbers and length 1, the same for the same number.
    public static func template(_ number: Int, model: ModelVersion = BenchTemplates.model) -> FaceTemplate {
        var state = UInt64(bitPattern: Int64(number)) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var square: Float = 0
        let values = (0..<128).map { _ -> Float in
            // SplitMix64; four 16-bit parts add up to nearly a normal number.
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            bits ^= bits >> 31
            let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
            let value = Float(sum) - 131_070
            square += value * value
            return value
        }
        let length = square.squareRoot()
        return FaceTemplate(model: model, values: values.map { $0 / length })
    }
}
