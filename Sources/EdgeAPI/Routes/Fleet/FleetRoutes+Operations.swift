import EdgeCore
import HTTPTypes

extension FleetRoutes {
    static let path = SyncRoutes.path + "/fleet"

    static let overviewOperation = Operation(
        .get, path, id: "sync_fleet_retrieve", tag: .sync, "The fleet in numbers", access: .admin,
        answers: [.ok(.component("FleetFigures"))])

    static let devicesOperation = Operation(
        .get, path + "/devices", id: "sync_fleet_devices_list", tag: .sync, "The devices of the fleet",
        access: .admin, answers: [.ok(Page.schema(of: .component("FleetDevice")), "One page, the oldest first.")]
    ).asks(.page)

    static let deviceOperation = Operation(
        .get, path + "/devices/{id}", id: "sync_fleet_devices_retrieve", tag: .sync, "A device of the fleet",
        access: .admin, answers: [.ok(.component("FleetDevice"))]
    ).ofUUID()

    static let revokeOperation = Operation(
        .post, path + "/devices/{id}/revoke", id: "sync_fleet_devices_revoke_create", tag: .sync,
        "Take a device out of the fleet", access: .admin, answers: [.ok(.component("FleetDevice"))]
    ).ofUUID().details(
        "It loses what it holds of others as soon as it asks; until then its lease bounds what it may do.")

    static let releaseOperation = Operation(
        .post, path + "/devices/{id}/release", id: "sync_fleet_devices_release_create", tag: .sync,
        "Let a quarantined device in again", access: .admin, answers: [.ok(.component("FleetDevice"))]
    ).ofUUID().details("Look at it first: it told two histories, so there may be two of it.")

    static let assignOperation = Operation(
        .put, path + "/devices/{id}/scopes", id: "sync_fleet_devices_scopes_update", tag: .sync,
        "Say whose people a device gets", access: .admin, answers: [.ok(.component("FleetDevice"))]
    ).ofUUID().takes(.object([.required("scopes", .list(.uuid, maximum: 100))])).details(
        "The first one takes the people whom it enrolls. People of scopes that it leaves go from it; nobody is erased by that."
    )

    static let tokenOperation = Operation(
        .post, path + "/tokens", id: "sync_fleet_tokens_create", tag: .sync, "Make a bootstrap token",
        access: .admin, answers: [.created(.component("FleetToken"), "The token, shown this once.")]
    ).takes(
        .object([
            .optional(
                "scopes", Schema.list(.uuid, maximum: 100).note("The home scope first; none for the oldest scope.")),
            .optional("name", Schema.text(1...100).orNull.note("What the device will be called.")),
            .optional("hours", Schema.integer(1...720).note("How long it is good; 24 unless said.")),
        ]), required: false
    ).details("Good once, for one device: `edged provision --central URL --token TOKEN`.")

    static let scopesOperation = Operation(
        .get, path + "/scopes", id: "sync_fleet_scopes_list", tag: .sync, "The scopes of the fleet", access: .admin,
        answers: [.ok(Page.schema(of: .component("FleetScope")), "One page, the oldest first.")]
    ).asks(.page)

    static let createScopeOperation = Operation(
        .post, path + "/scopes", id: "sync_fleet_scopes_create", tag: .sync, "Make a scope", access: .admin,
        answers: [.created(.component("FleetScope")), taken]
    ).takes(.object([.required("name", Schema.text(1...100))]))

    static let renameScopeOperation = Operation(
        .put, path + "/scopes/{id}", id: "sync_fleet_scopes_update", tag: .sync, "Give a scope another name",
        access: .admin, answers: [.ok(.component("FleetScope")), taken]
    ).ofUUID().takes(.object([.required("name", Schema.text(1...100))]))

    static let erasuresOperation = Operation(
        .get, path + "/erasures", id: "sync_fleet_erasures_list", tag: .sync, "Who has proven which erasure",
        access: .admin, answers: [.page(of: "FleetErasure")]
    ).asks(.page)

    static let eraseOperation = Operation(
        .post, path + "/erasures", id: "sync_fleet_erasures_create", tag: .sync, "Erase a person everywhere",
        access: .admin, answers: [.created(.component("FleetErasure"), "Ordered; devices prove it as they hear of it.")]
    ).takes(
        .object([
            .required("client", Schema.uuid.note("Whose person it is.")),
            .required("user_id", Schema.text(number: true).note("The client's own id of the person.")),
        ])
    ).details(
        """
        Every enrollment made so far is dead, also one that still waits on a device that is offline. Only a consent asked \
        for after this counts again.
        """)

    private static let taken = Operation.Answer.error(.conflict, "Another scope has the name.")
}
