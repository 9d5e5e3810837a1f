import EdgeCore
import HTTPTypes

extension SyncRoutes {
    static let path = "/api/sync/v1"

    static let provisionOperation = Operation(
        .post, path + "/provision", id: "sync_provision_create", tag: .sync, "Become a member of the fleet",
        access: .open,
        answers: [
            .ok(.component("ProvisionAnswer"), "Credentials and keys, shown this once."),
            refused(.unauthorized, "The token is wrong, used, or over."),
            refused(.forbidden, "The device is quarantined or was taken out of the fleet."), malformed,
        ]
    ).takesMessage("ProvisionRequest").details(
        """
        The bootstrap token stands for the credentials that the device does not have yet. The proof shows that it has \
        the key that it names. Asked again by the same device it gives credentials anew, as long as the device has not \
        used any.
        """)

    static let openOperation = Operation(
        .post, path + "/open", id: "sync_open_create", tag: .sync, "Begin an epoch of the device's database",
        access: .member,
        answers: [
            .ok(.component("OpenAnswer")), outside,
            refused(.conflict, "The epoch is over, or another one is the present."),
            malformed,
        ]
    ).takesMessage("OpenRequest")

    static let pushOperation = Operation(
        .post, path + "/push", id: "sync_push_create", tag: .sync, "Records of one lane, in order", access: .member,
        answers: [
            .ok(.component("PushAnswer"), "Everything up to the number is on disk."), outside,
            refused(
                .conflict,
                "`sync.gap`: go back to `sequence`; `sync.fork`: two histories are told; `sync.epoch.…`: open first."),
            malformed,
        ]
    ).takesMessage("PushRequest").details(
        """
        A batch takes effect once however often it is sent. A record that is not understood is kept, named in \
        `refused`, and acknowledged: it never blocks a lane. The body may come as gzip (`Content-Encoding`).
        """)

    static let pullOperation = Operation(
        .post, path + "/pull", id: "sync_pull_create", tag: .sync, "What has changed in the device's scopes",
        access: .member, answers: [.ok(.component("PullAnswer")), outside, malformed]
    ).takesMessage("PullRequest").details(
        """
        Waits up to `wait_ms` when nothing has. Removals come first and have a cursor of their own. Where too many wait \
        already the answer comes at once, with `retry_ms`.
        """)

    static let consentOperation = Operation(
        .post, path + "/consent", id: "sync_consent_create", tag: .sync,
        "The consent under which somebody erased may be enrolled again", access: .member,
        answers: [.ok(.component("ConsentAnswer")), outside, malformed]
    ).takesMessage("ConsentRequest")

    static let certificateOperation = Operation(
        .post, path + "/certificate", id: "sync_certificate_create", tag: .sync,
        "A certificate for a key of the device's own", access: .member,
        answers: [.ok(.component("CertificateAnswer")), outside, malformed]
    ).takesMessage("CertificateRequestMessage").details(
        """
        The only call of a member beside `provision` that needs no certificate, so that a device whose certificate is over is \
        not locked out. The proof is a signature by the key with which the device joined.
        """)

    private static func refused(_ status: HTTPResponse.Status, _ note: String) -> Operation.Answer {
        Operation.Answer(status: status, note: note, schema: .component("SyncRefusal"))
    }

    private static let outside = refused(
        .forbidden,
        """
        The credentials are of no member, the member is quarantined or was taken out, or its certificate is not one that is \
        taken (`sync.certificate.needed`, `sync.certificate.refused`).
        """)
    private static let malformed = refused(.unprocessableContent, "The message is not whole, or contradicts itself.")
}
