import EdgeCore
import FoundationEssentials
import GRDB

extension ConsentRecord {
    /// As it is sealed; when it was recorded stands beside it.
    var bytes: [UInt8] {
        var writer = ByteWriter(version: 1)
        writer.append(textVersion)
        writer.append(textSHA256)
        writer.append(givenBy)
        writer.append(givenAt.map { String($0.column) })
        writer.append(method)
        return writer.bytes
    }

    init(_ bytes: [UInt8], recordedAt: Date) throws {
        var reader = try ByteReader(bytes, version: 1)
        self.init(textVersion: try reader.text() ?? "")
        textSHA256 = try reader.text()
        givenBy = try reader.text()
        givenAt = try reader.text().flatMap { Int64($0) }.map { Date(column: $0) }
        method = try reader.text()
        self.recordedAt = recordedAt
    }

    /// The consent in columns `consent` and `consent_at` of a row; `nil` where there is none.
    init?(
        _ row: Row, of enrollment: EnrollmentID, client: ClientID, subjectKey: [UInt8], _ sealer: any Sealer
    ) throws {
        guard let sealed = row["consent"] as Data? else { return nil }
        let place = SealPlace.consent(to: enrollment, of: client)
        try self.init(
            sealer.open(Array(sealed), subjectKey: subjectKey, context: place), recordedAt: row.date("consent_at"))
    }
}

extension SealPlace {
    static func consent(to enrollment: EnrollmentID, of client: ClientID) -> SealContext {
        SealContext(kind: "consent", client: client, row: enrollment.place, version: 1)
    }
}
