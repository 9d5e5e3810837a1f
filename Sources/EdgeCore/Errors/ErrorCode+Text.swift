extension ErrorCode {
    /// What it means, in one sentence.
    public var title: String { text.title }
    /// What to do about it, in one sentence.
    public var remedy: String { text.remedy }

    private var text: (title: String, remedy: String) {
        switch self {
        case .requestInvalid: ("A field of the request is missing or wrong.", "Correct the named field.")
        case .requestMalformed: ("The request body cannot be read.", "Send well-formed JSON or multipart/form-data.")
        case .requestTooLarge: ("The request body is too large.", "Send at most 10 MiB; a 640×480 JPEG is enough.")
        case .requestMediaType: ("The content type is not read here.", "Use application/json or multipart/form-data.")
        case .requestNotFound: ("There is no such endpoint.", "Check the path against docs/api.md.")
        case .requestMethod: ("The endpoint does not take this method.", "Use a method that the Allow header names.")
        case .requestLimited: ("Too many requests.", "Wait as long as the Retry-After header says.")
        case .requestTimeout: ("The request took too long to arrive.", "Send the body faster, or send less.")
        case .requestOrigin:
            ("A page of this origin may not call the API.", "Add its host to the client's allowed_domains.")
        case .requestPage: ("Invalid page.", "Ask for a page from 1 to the last one.")
        case .idempotencyMismatch:
            ("This Idempotency-Key was used for another request.", "Use a fresh key for each new request.")
        case .idempotencyErased:
            (
                "What was done with this Idempotency-Key was about somebody who has been erased since.",
                "Use a fresh key, and only where the person is to be enrolled anew."
            )
        case .idempotencyBusy:
            ("The first request with this Idempotency-Key is still running.", "Wait for its answer, then ask again.")
        case .credentialsMissing:
            ("Authentication credentials were not provided.", "Send the access token as Authorization: Bearer.")
        case .credentialsInvalid:
            ("The credentials are wrong.", "Check the API key and secret; make new ones with `edged clients create`.")
        case .credentialsExpired: ("The access token has expired.", "Ask for a new one at /api/core/auth/client/.")
        case .credentialsForbidden: ("These credentials do not allow this.", "Use a client that has the right.")
        case .credentialsRevoked:
            ("The token was revoked.", "Authenticate again with API key and secret at /api/core/auth/client/.")
        case .featureDisabled: ("The client's features do not include this.", "Let an administrator change them.")
        case .quotaReached: ("The client's quota is used up.", "Remove what is not needed, or raise the quota.")
        case .imageEmpty: ("The image is empty.", "Send the bytes of a JPEG, PNG or WebP image.")
        case .imageUnsupported: ("The image format is not read.", "Send JPEG, PNG or WebP.")
        case .imageCorrupt: ("The image is damaged or cut off.", "Send the whole file; test it with another viewer.")
        case .imageTooLarge: ("The image has too many pixels.", "Send at most 25 megapixels.")
        case .imageTooSmall: ("The image has too few pixels.", "Send at least 64×64 pixels.")
        case .decoderUnavailable:
            (
                "The isolated decoder is not there, and no picture is decoded without it.",
                "Start it: `systemctl start edged-decoder.socket`; `journalctl -u edged-decoder` tells why it ended."
            )
        case .decoderFailed:
            (
                "The isolated decoder gave a picture up.",
                "Send another picture; when it happens again, keep that picture: it may be an attack."
            )
        case .sessionUnknown: ("There is no such session.", "Create a session and use the token that it returned.")
        case .sessionExpired: ("The session has expired.", "Create a new session.")
        case .sessionClosed: ("The session has already ended.", "Read its result, then create a new session.")
        case .sessionLimit:
            ("Too many sessions are open.", "Finish or cancel sessions, or raise sessions.max_open_per_client.")
        case .sessionLockedOut:
            ("Too many failed attempts for this user.", "Wait as long as the Retry-After header says.")
        case .sessionSourceMismatch:
            ("The session does not take frames this way.", "Upload frames only to sessions with frame_source upload.")
        case .personUnknown: ("There is no such person.", "List people with `edged people list`.")
        case .personDamaged:
            ("The person's stored record is damaged.", "Enroll the person again under the same id, or erase them.")
        case .personExists: ("A person with this id exists.", "Change that person, or choose another id.")
        case .enrollmentUnknown: ("There is no such enrollment.", "List them at /api/auth/enrollments/.")
        case .enrollmentState:
            ("The enrollment cannot take this status.", "Enroll the user again: older templates are gone.")
        case .consentRequired:
            ("The enrollment says nothing about the person's consent.", "Send consent with its text_version.")
        case .consentRenewalNeeded:
            (
                "The person was erased and has not agreed again since.",
                "Let the device reach central, then start the enrollment again."
            )
        case .recordUnknown: ("There is no such record.", "List the collection that it should be in.")
        case .endpointExists: ("A webhook endpoint of this name exists.", "Choose another name.")
        case .deliveryState: ("Only failed deliveries can be retried.", "Look at the delivery's status.")
        case .clientUnknown: ("There is no such client.", "List clients with `edged clients list`.")
        case .clientExists: ("A client of this name exists.", "Choose another name.")
        case .clientSelf:
            (
                "An administrator cannot take its own right away.",
                "Use another administrator's credentials, or `edged clients` on the device."
            )
        case .clientElsewhere:
            (
                "The client is kept elsewhere in the fleet.",
                "Change it on the device where it was made, or at central."
            )
        case .livenessUnavailable:
            (
                "The liveness policy needs a model that is not there.",
                "Install the passive liveness weights (docs/runbook.md) or choose another liveness.policy."
            )
        case .infraredUnavailable:
            (
                "The infrared camera that liveness asks for shows nothing.",
                "Uncover it and see to its light and its cable, or change infrared in [[cameras]] or [liveness]."
            )
        case .modelMissing: ("A model file is missing.", "Run scripts/setup, or set models.directory.")
        case .modelWrongHash:
            ("A model file is not the one that the manifest names.", "Run scripts/setup to fetch it again.")
        case .modelUnreadable: ("A model cannot be loaded.", "Run scripts/setup to fetch it again.")
        case .modelUnmeasured:
            (
                "The model has no table of false match rates.",
                "Add its thresholds to models.json, or choose a model that has them."
            )
        case .runtimeMissing: ("ONNX Runtime is missing.", "Run scripts/setup, or set models.directory.")
        case .runtimeIncompatible:
            ("This ONNX Runtime does not fit.", "Use the pinned version that scripts/setup installs.")
        case .recognitionFailed: ("A recognition stage failed.", "Send another frame; report it if it stays.")
        case .cameraUnknown: ("No camera of this name is configured.", "Look at `edged cameras`.")
        case .cameraMissing: ("The camera is not there.", "Check the cable and the path; then `edged cameras`.")
        case .cameraAmbiguous: ("Several cameras fit.", "Name one by its serial number or its port: `edged cameras`.")
        case .cameraBusy: ("Another program uses the camera.", "Stop that program: `fuser -v DEVICE` names it.")
        case .cameraDenied: ("The camera may not be opened.", "Add the daemon's user to the group video.")
        case .cameraNotCapture: ("The device is not a camera that streams.", "Choose another: `edged cameras`.")
        case .cameraFormat: ("The camera offers no format that is read.", "Look at `edged cameras` for what it offers.")
        case .cameraFailed: ("The camera failed.", "Unplug it and plug it in again; look at the kernel's log.")
        case .cameraBandwidth:
            (
                "The USB bus has no room for the camera's pictures.",
                "Plug the cameras into ports of different USB controllers, or set a smaller size or a lower fps."
            )
        case .cameraStalled: ("The camera gives no pictures.", "Unplug it and plug it in again.")
        case .cameraFrozen:
            (
                "The camera gives the same picture over and over.",
                "Unplug it and plug it in again; a camera that freezes often is broken."
            )
        case .cameraCovered:
            ("The camera sees nothing.", "Uncover and wipe the lens; give light; look whether its shutter is open.")
        case .cameraChanged:
            (
                "The camera is not the one that was pinned.",
                "Find out who changed it; put it back, or pin the new one: `edged cameras pin`."
            )
        case .cameraCloned:
            ("Two cameras say that they are the pinned one.", "Find out who plugged in the other, and take it out.")
        case .cameraVirtual:
            ("The camera is a program.", "Find out who loaded its driver; for a demonstration set allow_virtual.")
        case .cameraControl: ("The camera has no such control.", "Look at `edged cameras controls`.")
        case .cameraControlRefused:
            ("The camera does not take a setting.", "Look at `edged cameras controls` for what it takes.")
        case .previewOff:
            ("Nobody may look through the cameras.", "Set access in [preview] of the configuration, if that is wanted.")
        case .replayUnreadable: ("The replay footage cannot be read.", "Give a directory of images or an MJPEG file.")
        case .storeUnavailable:
            (
                "The store cannot be used.",
                "Check the disk, and that the directory is the daemon's own and writable by nobody else."
            )
        case .storeBusy: ("Another edged holds the store.", "Stop it, or talk to it with the same --config.")
        case .storeFull: ("The disk is full.", "Free space in the store's directory.")
        case .storeCorrupt: ("The store's file is damaged.", "Restore a backup: edged restore.")
        case .storeSchemaNewer: ("The store was written by a later version.", "Install that version; never downgrade.")
        case .storeUnseen:
            (
                "There is something that nobody was shown yet.",
                "Run edged audit verify and look into what it tells; then edged audit accept."
            )
        case .storeBackupOutdated:
            ("People were erased since this backup was made.", "Take a backup made after the last erasure.")
        case .outboxFull:
            ("What waits for central fills its quota.", "Let the device reach central, or raise the quota in [outbox].")
        case .outboxFork:
            ("Central has another history of this device.", "Stop this device or its copy: two use one identity.")
        case .keyUnavailable:
            ("The sealing key is not there.", "Bring back its TPM or token, or restore the key file from your backup.")
        case .keyPermissions: ("The key file is open to others.", "chmod 0600 the key file.")
        case .sealBroken: ("A sealed record was changed.", "Keep the file, restore a copy, look at the audit trail.")
        case .recipientWrong:
            ("It was sealed to somebody else.", "Open it with the private key to the public key that it was sealed to.")
        case .modelUnknown:
            ("The export has templates of a model that is not here.", "Install that model and version, or enroll anew.")
        case .configurationInvalid: ("The configuration is wrong.", "Run `edged config check`.")
        case .listenFailed: ("The address cannot be listened on.", "Choose another http.listen.")
        case .socketUnfit:
            (
                "A socket that systemd passes fits no listener.",
                "Make edged.socket and [http] agree, or `systemctl disable --now edged.socket`."
            )
        case .tlsUnreadable:
            (
                "The TLS certificate or its key cannot be used.",
                "Check http.lan.certificate and key: PEM, a pair, readable."
            )
        case .daemonUnreachable: ("The daemon does not answer.", "Is it running with the same --config?")
        case .shuttingDown: ("The daemon is stopping.", "Try again when it is back.")
        case .centralUnreachable:
            ("The central server does not answer.", "Check the network; the device goes on alone.")
        case .proxyUnreachable:
            (
                "The proxy before central does not answer.",
                "Check [sync] proxy and the network; the device goes on alone."
            )
        case .proxyRefused:
            ("The proxy does not let the device through.", "Have the proxy allow CONNECT to central's host and port.")
        case .proxyCredentials:
            (
                "The proxy does not take the device's credentials.",
                "Put user:password into the file of [sync] proxy_credentials_file."
            )
        case .centralCertificate:
            (
                "Central shows a certificate that the device does not trust.",
                "See who answers at central's address; where its root was exchanged meanwhile: edged sync roots --pin FILE."
            )
        case .certificateNeeded:
            ("Central wants a certificate of the device.", "The device asks for one by itself; look at its status.")
        case .certificateRefused:
            (
                "Central does not take the device's certificate.",
                "The device asks for another one by itself; where it does not get it, look at central's audit trail."
            )
        case .certificateKey:
            (
                "The key of the device's certificate cannot be used.",
                "Bring back the TPM or token of [sync] tls_key, or give the file to the daemon's user with mode 0600."
            )
        case .rootsRefused:
            (
                "Central announced roots that do not verify central; the old ones stay.",
                "At central: edged central roots --announce FILE with the root that its certificate is of."
            )
        case .deviceRevoked: ("The device was taken out of the fleet.", "Ask who runs central; then: edged provision.")
        case .deviceQuarantined:
            ("The device is quarantined.", "See whether there are two of it, then: edged central release.")
        case .leaseExpired:
            ("The device has been without central for too long.", "Let it reach central; it goes on by itself then.")
        case .memberExists:
            ("The device belongs to a fleet already.", "Leave it first: edged sync leave.")
        case .memberMissing: ("The device belongs to no fleet.", "Join one: edged provision.")
        case .provisionRefused:
            ("Central did not take the device in.", "Get a fresh token at central and use it within its time.")
        case .centralAbsent:
            ("This device is not a central instance.", "Use the address of the one that runs `edged central`.")
        case .scopeExists: ("Another scope has this name.", "Choose another name.")
        case .centralMoved:
            (
                "Central's books were moved from this file to PostgreSQL.",
                "Name that database in [central]; to go back to the file, edged central move --back."
            )
        case .centralUnmoved:
            (
                "The fleet's books are still in central.sqlite.",
                "Move them: edged central move. To begin a fleet anew, take the file away."
            )
        case .centralTarget:
            (
                "The PostgreSQL database cannot take central's books.",
                "Name an empty database in [central], or make this one anew."
            )
        case .internalFault: ("Something went wrong inside edged.", "Report it with the log.")
        }
    }
}
