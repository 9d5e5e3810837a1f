import EdgeCore
import HTTPTypes

extension FleetConfigurationRoutes {
    static let path = FleetRoutes.path + "/configurations"
    private static let answer = Operation.Answer.ok(.component("FleetConfiguration"))
    /// With its JSON around it a text fits into a small body.
    private static let longest = 48_000

    static let listOperation = Operation(
        .get, path, id: "sync_fleet_configurations_list", tag: .sync, "What devices go by besides their own files",
        access: .admin,
        answers: [.ok(Page.schema(of: .component("FleetConfiguration")), "One page: the fleet, scopes, devices.")]
    ).asks(.page).details(
        """
        A device goes by the fleet's text, then by those of its scopes, then by its own, each over the one before. It says one \
        thing about the whole: what it refused counts for every text that it was told with it.
        """)

    static let showOperation = Operation(
        .get, path + "/{id}", id: "sync_fleet_configurations_retrieve", tag: .sync,
        "What the devices of a target go by", access: .admin, answers: [answer]
    ).ofUUID()

    static let publishOperation = Operation(
        .post, path, id: "sync_fleet_configurations_create", tag: .sync, "Have devices go by a configuration",
        access: .admin,
        answers: [.created(.component("FleetConfiguration"), "Set; devices take it as they hear of it.")]
    ).takes(
        .object([
            .required(
                "text",
                Schema.lines(1...longest).note("As in a device's file; only keys that a reload takes over.")
                    .example("[sessions]\nttl = \"10m\"\n")),
            .optional("scope", Schema.uuid.orNull.note("Whose devices; without scope and device all are meant.")),
            .optional("device", Schema.uuid.orNull.note("The only device that it is for.")),
            .optional("first", Schema.list(.uuid, maximum: 100).note("Devices that get it before the others do.")),
        ])
    ).details(
        """
        The text is checked first: `configuration.invalid` tells every problem with its line, in `text` one by one. Devices check it \
        again over their own files, try it, and go back by themselves where it makes them ill.
        """)

    static let promoteOperation = Operation(
        .post, path + "/{id}/promote", id: "sync_fleet_configurations_promote_create", tag: .sync,
        "Give all devices what some got first", access: .admin, answers: [answer]
    ).ofUUID().takes(
        .object([.optional("always", Schema.boolean.note("Whatever those devices say."))]), required: false
    ).details("Refused while one of the first has not had it in force for good.")

    static let withdrawOperation = Operation(
        .post, path + "/{id}/withdraw", id: "sync_fleet_configurations_withdraw_create", tag: .sync,
        "Take away what devices go by", access: .admin, answers: [answer]
    ).ofUUID().takes(
        .object([.optional("staged_only", Schema.boolean.note("Only what some devices got first."))]), required: false)

    static let rollBackOperation = Operation(
        .post, path + "/{id}/roll-back", id: "sync_fleet_configurations_roll_back_create", tag: .sync,
        "Give devices again what they went by before", access: .admin, answers: [answer]
    ).ofUUID().details(
        """
        What all of them went by before the last change holds again, and what some got first is gone. Done twice, it is undone.
        """)
}
