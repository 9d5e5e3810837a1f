import EdgeCore
import FoundationEssentials
import SyncCore

/// The bodies that tell of a fleet.
enum FleetBody {
    static func figures(_ figures: FleetFigures) -> JSONObject {
        func devices(_ standing: DeviceStanding) -> JSONValue { .whole(figures.devices[standing] ?? 0) }
        return [
            "members": devices(.active), "quarantined": devices(.quarantined), "revoked": devices(.revoked),
            "people": .whole(figures.people), "records": .whole(figures.records.values.reduce(0, +)),
            "refused_records": .whole(figures.refused), "lost_records": .whole(figures.lost),
            "open_erasures": .whole(figures.openErasures),
        ]
    }

    static func device(_ device: FleetDevice) -> JSONObject {
        [
            "id": .string("\(device.id)"), "name": .string(device.name), "standing": .string(device.standing.rawValue),
            "reason": .text(device.reason), "client": .text(device.client?.uuidString.lowercased()),
            "model": ["id": .string(device.model.id), "version": .string(device.model.version)],
            "software": .string(device.software), "scopes": .array(device.scopes.map { .string("\($0)") }),
            "joined_at": .date(device.joinedAt), "seen_at": .date(device.seenAt),
            "clock_ahead_ms": .integer(Int64(device.clockAhead / .milliseconds(1))),
            "lanes": .array(device.lanes.map { .object(lane($0)) }), "owed_erasures": .whole(device.owedErasures),
            "owes_since": .date(device.owesSince),
        ]
    }

    static func scope(_ scope: FleetScope) -> JSONObject {
        [
            "id": .string("\(scope.id)"), "name": .string(scope.name), "people": .whole(scope.people),
            "devices": .whole(scope.devices),
        ]
    }

    static func erasure(_ erasure: FleetErasure) -> JSONObject {
        [
            "subject": .string("\(erasure.subject)"), "ordered_at": .date(erasure.orderedAt),
            "proven": .whole(erasure.proven.count),
            "devices": .whole(erasure.proven.count + erasure.outstanding.count),
            "complete": .bool(erasure.outstanding.isEmpty),
            "outstanding": .array(moments(erasure.outstanding, "since")),
            "proofs": .array(moments(erasure.proven, "proven_at")),
            "revoked": .array(erasure.revoked.map { "\($0)" }.sorted().map(JSONValue.string)),
        ]
    }

    private static func lane(_ lane: LaneEnd) -> JSONObject {
        ["lane": .string(lane.lane.rawValue), "acknowledged": .integer(Int64(clamping: lane.acknowledged))]
    }

    private static func moments(_ devices: [DeviceID: Date], _ name: String) -> [JSONValue] {
        devices.sorted { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }.map { device, moment in
            .object(JSONObject(unique: [("device", .string("\(device)")), (name, .date(moment))]))
        }
    }
}
