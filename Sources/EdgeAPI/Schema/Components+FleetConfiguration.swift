import SyncCore

extension Components {
    static let fleetConfiguration = Schema.object([
        .required("id", Schema.uuid.note("The scope's or the device's own; of the whole fleet always the same.")),
        .required("kind", .choice(FleetConfigurationBody.kinds)), .required("name", .anyText),
        .required(
            "general",
            Schema.component("FleetConfigurationPart").orNull.note("What all of them go by whom `staged` is not for.")),
        .required(
            "staged",
            Schema.component("FleetConfigurationPart").orNull.note("What some got first, until all get it.")),
        .required("can_roll_back", Schema.boolean.note("Whether what was there before can hold again.")),
    ]).example([
        "id": "00000006-0000-8000-8000-000000000000", "kind": "fleet", "name": "fleet",
        "general": [
            "number": 1_800_000_000_000_000, "text": "[sessions]\nttl = \"5m\"\n", "is_redacted": false, "first": .null,
            "devices": 3, "applied": 1, "trial": 0, "pending": 1, "refused": 1, "rolled_back": 0,
            "faults": [
                [
                    "device": "5f0c2a1e-7b3d-4c6a-9e8f-000000000007", "name": "north door", "state": "refused",
                    "problem": "central's, fleet:2: sessions.ttl: must not be above 4 min",
                ]
            ],
        ],
        "staged": .null, "can_roll_back": true,
    ])

    private static let faultStates: [ConfigurationOverview.Standing] = [.refused, .rolledBack]

    static let fleetConfigurationPart = Schema.object([
        .required("number", Schema.integer(0...Int.max).note("Of the change that made it so.")),
        .required("text", Schema.anyText.orNull.note("Tables and keys as in a device's file; null: withdrawn.")),
        .required("is_redacted", Schema.boolean.note("Whether something that looked like a secret is not shown.")),
        .required("first", Schema.list(.uuid).orNull.note("The devices that got it first; null: all of them.")),
        .required("devices", Schema.count.note("How many devices it is for. Of these:")),
        .required("applied", Schema.count.note("have it in force,")),
        .required("trial", Schema.count.note("have it in force and watch what it does,")),
        .required("pending", Schema.count.note("have not heard of it yet,")),
        .required("refused", Schema.count.note("refused it,")),
        .required("rolled_back", Schema.count.note("became ill by it and took it back.")),
        .required(
            "faults",
            .list(
                .object([
                    .required("device", .uuid), .required("name", .anyText),
                    .required("state", .choice(faultStates.map(\.rawValue))),
                    .required("problem", Schema.anyText.orNull),
                ]))),
    ])
}
