import EdgeCore
import Foundation
import GRDB

@testable import Store
@testable import StoreTesting

/// A store with people of whom crops are kept, and a second model whose templates follow from the crops.
struct ModelFixture {
    let base: StoreFixture
    /// The model beside the first.
    let other = ModelVersion(id: "second", version: "1")

    init() throws { base = try StoreFixture() }

    func open(keepsCrops: Bool = true) async throws -> EdgeStore {
        var options = StoreOptions()
        options.keepsCrops = keepsCrops
        return try await base.open(options: options)
    }

    /// A face that nobody else has.
    func face(_ number: Int) throws -> FaceCrop {
        let pixels = (0..<FaceCrop.byteCount).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ (number &* 7919) >> 3) }
        guard let crop = FaceCrop(pixels: pixels) else { throw EdgeError(.internalFault) }
        return crop
    }

    /// What the second model makes of a crop; it has another length than that of the first.
    func template(of crop: FaceCrop) -> FaceTemplate {
        FaceTemplate(model: other, values: (0..<64).map { Float(crop.pixels[$0 * 97]) / 255 + 0.01 })
    }

    /// Enrolls somebody with three samples, each with its crop.
    @discardableResult
    func enroll(_ user: String, of client: ClientID, in store: EdgeStore, seed: Int = 1) async throws -> PersonID {
        let session = base.session(.enrollment, of: client, user: user)
        try await store.begin(session)
        let plain = base.outcome(session, seed: seed)
        let samples = try plain.samples.enumerated().map { number, sample in
            EnrolledSample(
                template: sample.template, quality: 0.5 + Double(number) / 10, crop: try face(seed * 10 + number))
        }
        guard let made = try await store.finish(SessionOutcome(session: plain.session, samples: samples)) else {
            throw EdgeError(.internalFault)
        }
        return made.person.id
    }

    /// Embeds what waits, part by part; `stopsAfter` parts as a power cut would.
    @discardableResult
    func convert(_ store: EdgeStore, stopsAfter parts: Int = .max) async throws -> ModelSwitchCounts {
        var (sum, start, done) = (ModelSwitchCounts(), Int64?(0), 0)
        while let from = start, done < parts {
            let batch = try await store.cropsWaiting(for: other, from: from)
            let made = batch.people.map { ($0, $0.faces.map(template)) }
            let (counts, _) = try await store.keep(made)
            sum.people += counts.people
            sum.templates += counts.templates
            sum.unreadable += batch.unreadable
            (start, done) = (batch.next, done + 1)
        }
        return sum
    }

    func count(_ sql: String, in store: EdgeStore) async throws -> Int {
        try await store.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
    }
}
