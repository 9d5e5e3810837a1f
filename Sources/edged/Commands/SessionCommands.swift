import ArgumentParser
import EdgeCore
import Foundation

/// The options of the three verbs that run a session.
struct SessionOptions: ParsableArguments {
    @Option(name: .long, help: "The API client (tenant): id or name. Needed when there are several.")
    var client: String?

    @Option(name: .long, help: "The configured camera; the first one by default.")
    var camera: String?

    @Option(name: .long, help: "Give up after this many seconds.")
    var timeout = 30
}

/// `edged enroll`.
struct EnrollCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll", abstract: "Enroll a person from the camera, or from the pictures given.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var session: SessionOptions
    @Option(name: .long, help: "A name to show.")
    var displayName: String?
    @OptionGroup var consent: ConsentOptions
    @Argument(help: "The person's id in your own system.")
    var userID: String
    @Argument(help: "Picture files; none means the camera.")
    var pictures: [String] = []

    func perform() async throws -> ExitCode {
        try await SessionVerb(common: common, options: session).run(
            .enrollment, userID: userID, displayName: displayName, consent: try consent.record(), pictures: pictures)
    }
}

/// `edged verify`.
struct VerifyCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify that the person before the camera is the one named.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var session: SessionOptions
    @Argument(help: "The claimed person's id.")
    var userID: String
    @Argument(help: "Picture files; none means the camera.")
    var pictures: [String] = []

    func perform() async throws -> ExitCode {
        try await SessionVerb(common: common, options: session).run(.verification, userID: userID, pictures: pictures)
    }
}

/// `edged identify`.
struct IdentifyCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "identify", abstract: "Find out who stands before the camera.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var session: SessionOptions
    @Argument(help: "Picture files; none means the camera.")
    var pictures: [String] = []

    func perform() async throws -> ExitCode {
        try await SessionVerb(common: common, options: session).run(.identification, userID: nil, pictures: pictures)
    }
}

/// Runs one session from the command line, by the daemon or without one.
struct SessionVerb {
    let common: CommonOptions
    let options: SessionOptions

    func run(
        _ kind: SessionKind, userID: String?, displayName: String? = nil, consent: ConsentRecord? = nil,
        pictures: [String]
    ) async throws -> ExitCode {
        let files = try pictures.map(Self.read)
        let started = ContinuousClock.now
        let session = try await Counter.serve(try common.configuration(), need: .recognition) { counter in
            let open = Control.SessionOpen(
                kind: kind, userId: userID, displayName: displayName, frameSource: files.isEmpty ? .camera : .upload,
                camera: options.camera, client: options.client,
                consent: consent.map { Control.Consent($0) })
            let session = try await counter.ask(.sessionsOpen, open, as: Control.Session.self)
            return files.isEmpty
                ? try await watch(session, counter) : try await feed(files, to: session, counter)
        }
        try tell(session, took: ContinuousClock.now - started)
        return session.isOpen || session.state == .expired || session.state == .cancelled
            ? ExitStatus.cannotTell : session.state == .completed ? ExitStatus.yes : ExitStatus.no
    }

    private static func read(_ path: String) throws(EdgeError) -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EdgeError(.requestInvalid, "\(path) cannot be read", field: "pictures")
        }
        return data
    }

    /// Sends the pictures one after another until there is a decision; one that is bad is told and skipped.
    private func feed(
        _ files: [Data], to opened: Control.Session, _ counter: Counter
    ) async throws -> Control.Session {
        var session = opened
        var lastBad: EdgeError?
        for picture in files where session.isOpen {
            let step = Control.SessionStep(sessionId: opened.sessionId, client: opened.client, picture: picture)
            do throws(EdgeError) { session = try await submit(step, counter) } catch {
                guard error.code.rawValue.hasPrefix("image.") else { throw error }
                Output.complain("skipped: \(error.detail)")
                lastBad = error
            }
        }
        if let lastBad, session.isOpen, session.framesProcessed == 0 {
            _ = try await abandon(session, counter)
            throw lastBad
        }
        return session.isOpen ? try await abandon(session, counter) : session
    }

    private func submit(_ step: Control.SessionStep, _ counter: Counter) async throws(EdgeError) -> Control.Session {
        let session = try await counter.ask(.sessionsSubmit, step, as: Control.Session.self)
        if !common.json { Output.complain(session.message ?? "") }
        return session
    }

    private func watch(_ opened: Control.Session, _ counter: Counter) async throws -> Control.Session {
        var session = opened
        let deadline = ContinuousClock.now + .seconds(options.timeout)
        while session.isOpen, ContinuousClock.now < deadline {
            let left = (deadline - ContinuousClock.now).components.seconds
            let step = Control.SessionStep(
                sessionId: opened.sessionId, client: opened.client, waitSeconds: Int(max(1, min(left, 5))))
            session = try await counter.ask(.sessionsWait, step, as: Control.Session.self)
        }
        return session.isOpen ? try await abandon(session, counter) : session
    }

    private func abandon(_ session: Control.Session, _ counter: Counter) async throws -> Control.Session {
        var ended = try await counter.ask(
            .sessionsCancel, Control.SessionStep(sessionId: session.sessionId, client: session.client),
            as: Control.Session.self)
        // Why it was not enough says more than that it was cancelled.
        ended.reason = session.reason
        ended.message = session.message
        return ended
    }

    private func tell(_ session: Control.Session, took: Duration) throws {
        if common.json { return try Output.json(session) }
        let who = session.userId.map { ": \($0)" } ?? ""
        let score = session.similarityScore.map { String(format: ", similarity %.3f", $0) } ?? ""
        let seconds = String(
            format: "%.2f", Double(took.components.attoseconds) * 1e-18 + Double(took.components.seconds))
        let result = session.result == "success" ? "yes" : session.state == .failed ? "no" : "could not tell"
        Output.line("\(result)\(who)\(score), \(session.framesProcessed) frames, \(seconds) s")
        if result != "yes", let message = session.message { Output.line(message) }
    }
}
