extension ConfigCatalogue {
    static let listeners = [
        ConfigTable(
            "http", "Who is answered on this machine.",
            [
                .standard(
                    "listen", #""127.0.0.1:8080""#,
                    "Where this machine is answered: a loopback address; port 0 takes a free one."),
                .standard(
                    "control_socket", #""/var/lib/edged/edged.sock""#,
                    "The command line's way to the daemon; beside the store unless it is written."),
                .example("socket", #""/run/edged/api.sock""#, "The API on a Unix socket too."),
                .example(
                    "allowed_origins", #"["https://kiosk.example"]"#,
                    "Web pages that may call the API, by their origins."),
                .standard("www", #""/usr/share/edged/www""#, "The viewers of the API's document."),
            ]),
        ConfigTable(
            "http.lan", "Other machines are answered when this table is there, with TLS.",
            [
                .example("listen", #""0.0.0.0:8443""#, "Where other machines are answered."),
                .example(
                    "names", #"["door-a.example"]"#,
                    "Names and addresses in the certificate that the device makes itself, beside the machine's own."),
                .alternative("certificate", #""lan.pem""#, "A certificate that somebody else made, PEM; with key."),
                .alternative("key", #""lan.key""#, "Its key, PEM."),
                .alternative(
                    "plain_http_sends_faces_and_passwords_unprotected", "true",
                    "No TLS: everybody on the network can read faces and passwords."),
            ]),
    ]

    static let places = [
        ConfigTable(
            "store", "What is kept on disk.",
            [
                .standard(
                    "directory", #""/var/lib/edged""#,
                    "Where the store and its keys are; systemd's state directory unless it is written."),
                .standard("recover", "true", "Whether a damaged store is mended at the start."),
                .example(
                    "audit_retention", #""730d""#, "Older audit lines are removed; without it none are.", .reload),
            ]),
        ConfigTable(
            "keys", "Where the master keys come from (edged keys create).",
            [
                .standard(
                    "source", #""auto""#,
                    "credential (of the unit), provider (a TPM's key), file, or auto: the first of these that is there."
                ),
                .example("provider", #""tpm2""#, "The OpenSSL 3 provider that has the key."),
                .example("key", #""handle:0x81000001""#, "The key in it: a PEM file, or a URI."),
                .example("tcti", #""device:/dev/tpmrm0""#, "How the TPM is reached."),
            ]),
        ConfigTable(
            "models", "The nets.",
            [
                .standard(
                    "directory", #""/usr/share/edged/models""#,
                    "Where the models are; EDGED_MODELS of the environment unless it is written.")
            ]),
        ConfigTable(
            "templates", "What is kept of a face.",
            [
                .standard(
                    "keep_crops", "false",
                    "Whether the aligned face of each template is kept, sealed, for a switch to another model.")
            ]),
        ConfigTable(
            "cameras", list: true, "One table a camera; `edged cameras` lists what is plugged in.",
            [
                .example("name", #""front-door""#, "How the API calls it."),
                .example(
                    "role", #""door-in""#,
                    "What it is there for (door-in, door-out, or your own word): sessions may ask for it by that; ir is never asked."
                ),
                .example(
                    "device", #""/dev/video0""#,
                    "The device: a path, or what it is (usb:VENDOR:PRODUCT:SERIAL, path:…, driver:…, name:…)."),
                .alternative(
                    "replay", #""footage""#, "Pictures in a directory, or an MJPEG file, in place of a camera."),
                .reference(
                    "infrared", #""front-door-ir""#,
                    "The infrared camera beside it, by its name in [[cameras]]; it looks the same way ([liveness] infrared)."
                ),
                .standard("loops", "true", "Whether a replay begins again at its end."),
                .standard("width", "640", "The wanted width, pixels."),
                .standard("height", "480", "The wanted height, pixels."),
                .example("fps", "15", "The wanted pictures a second."),
                .standard("formats", #"["MJPG", "YUYV", "NV12", "GREY"]"#, "Wanted formats, the best first."),
                .standard(
                    "frozen_after", #""5s""#,
                    "A device that gives the same picture for so long is started anew; off for never."),
                .standard(
                    "covered_after", #""10s""#,
                    "A device that shows nothing for so long, dark or of one tone, is a warning; off for never."),
                .standard(
                    "idle", #""stream""#,
                    "What it does while nobody reads it: stream, slow (a few pictures a second), release (closed)."),
                .standard("idle_after", #""30s""#, "How long nobody must have read it before, 5 s or more."),
                .standard("idle_fps", "2", "Pictures a second of a slow one, 1 to 10; movement wakes it."),
                .standard(
                    "face_exposure", "false", "Whether exposure and gain follow the brightness of faces, within limits."
                ),
                .standard("face_brightness", "115", "How bright a face shall be, 60 to 200 of 255."),
                .standard("face_exposure_max", #""33ms""#, "The longest exposure for a face."),
                .example("face_gain_max", "64", "The greatest gain for a face; without it as much as the camera has."),
                .example(
                    "pin", #"{ usb = "046d:0825:1A2B" }"#,
                    "What the camera must be; `edged cameras pin` prints it, and another camera is refused."),
                .standard("allow_virtual", "false", "Whether it may be a program that plays a camera."),
                .example("profile", #""dusk""#, "The [[camera_profiles]] whose settings it takes."),
                .example("controls", #"{ exposure = "10ms", power_line = 50 }"#, aboutControls),
            ]),
        ConfigTable(
            "camera_profiles", list: true, "Settings that cameras refer to by name; a camera's own go before them.",
            [
                .example("name", #""dusk""#, "How cameras call it."),
                .example("controls", #"{ exposure = "auto", gain = 40 }"#, aboutControls),
            ]),
        ConfigTable(
            "preview", "Looking through the cameras: kiosks, technicians and administrators; each look is audited.",
            [
                .standard(
                    "access", #""off""#,
                    "Who may look: off for nobody, local for this machine alone, network for other machines too."),
                .standard("frames_per_second", "5", "The most pictures a second of each camera, 1 to 10."),
                .standard(
                    "face_box", "false", "Whether pictures show a box around the face that a session saw last."),
            ]),
        ConfigTable(
            "on_air", "A sign beside the cameras that somebody reads them: a session, or who looks.",
            [
                .example(
                    "command", #"["/usr/local/bin/door-lamp", "--red"]"#,
                    "Run without a shell, with `on` or `off` and the camera's name; frames wait half a second for it.")
            ]),
        ConfigTable(
            "decoder", "Where pictures of uploads and cameras are decoded.",
            [
                .standard(
                    "isolation", #""off""#,
                    "off for the daemon itself, socket for a process without network, devices and files."),
                .standard(
                    "socket", #""/run/edged-decoder.sock""#,
                    "Where that process listens: edged-decoder.socket, or `edged decoder --listen`."),
            ]),
    ]

    private static let aboutControls = """
        Settings: exposure, gain, white_balance, focus (a number, or "auto"), power_line, backlight, or what \
        `edged cameras controls` lists.
        """

    static let recognition = [
        ConfigTable(
            "recognition", "How sure a match must be.",
            [
                .example("threads", "2", "Threads for the nets; without it as many as fit the machine."),
                .standard(
                    "verification_fmr", "1e-5", "The false match rate of one comparison, 1:1.", .reload),
                .standard(
                    "identification_fmr", "1e-5",
                    "The false match rate of one comparison, 1:N; tightened so that people times rate stays below 1e-3.",
                    .reload),
            ]),
        ConfigTable(
            "liveness", "What evidence of life is asked for.",
            [
                .standard(
                    "policy", #""passive""#, "off, passive, active (blink or turn the head), or strict (both).", .reload
                ),
                .standard(
                    "threshold_logit", "-1.5", "The passive mean that counts as live; below -2 phones begin to pass.",
                    .reload),
                .standard(
                    "infrared", #""when_paired""#,
                    "When an infrared camera must agree: off, when_paired (where there is one), required (else no session).",
                    .reload),
                .standard(
                    "infrared_offset", "0.15",
                    "How far apart the two cameras may see the face, as a share of the picture.", .reload),
                .standard(
                    "infrared_scale", "1.6", "How many times as large one may see it as the other.", .reload),
            ]),
        ConfigTable(
            "sessions", "How an attempt goes.",
            [
                .standard("ttl", #""10m""#, "How long a session stays open.", .reload),
                .standard("target_samples", "3", "Good frames for an enrollment.", .reload),
                .standard("min_frames", "3", "Frames above the threshold for a success.", .reload),
                .standard("max_usable_frames", "10", "Usable frames until a decision.", .reload),
                .standard("max_upload_frames", "60", "Uploaded frames of one session.", .reload),
                .standard("max_camera_frames", "600", "Camera frames of one session.", .reload),
                .standard(
                    "decision_timeout", #""15s""#, "From the first face in the camera to the decision.", .reload),
                .standard("max_open_per_client", "100", "Open sessions of one client.", .reload),
                .standard(
                    "duplicates", #""refuse""#, "A face that is enrolled already: refuse, warn or allow.", .reload),
                .standard("lockout_misses", "5", "Misses that lock a user; 0 for never.", .reload),
                .standard(
                    "lockout_first", #""30s""#, "How long the first lock lasts; each next one twice as long.", .reload),
                .standard("lockout_maximum", #""1h""#, "The longest lock.", .reload),
            ]),
    ]
}
