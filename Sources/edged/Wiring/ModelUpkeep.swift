import EdgeCore
import Logging
import Recognition
import Store

/// Sees to it that people have templates of the model that is wanted, made of their kept crops.
struct ModelUpkeep: Sendable {
    let store: EdgeStore
    let engine: RecognitionEngine
    let sessions: SessionService
    let health: HealthBoard
    let log: Logger

    /// How long after a look comes the next: people may have come in by an import.
    private static let pause = Duration.seconds(600)

    /// The model that was switched to; `nil` for the standard one.
    ///
    /// One that is not installed any more must not keep the daemon from starting: it would take the way to switch back along.
    static func chosenModel(
        _ store: EdgeStore, _ configuration: DaemonConfiguration, health: HealthBoard
    ) async throws(EdgeError) -> ModelVersion? {
        guard let chosen = try await store.chosenModel() else { return nil }
        if try InstalledModels.templates(in: configuration.modelsDirectory)[chosen] != nil { return chosen }
        health.raise(
            "recognition.model.not_installed",
            title:
                "The model that was switched to, \(chosen.id) \(chosen.version), is not installed; the standard one is used.",
            severity: .error, remedy: "Install the model and restart edged, or switch with edged models switch.")
        return nil
    }

    /// Makes templates of what waits, removes those that are to go, and looks again from time to time, until it is cancelled.
    func run() async throws {
        while true {
            do throws(EdgeError) {
                try await catchUp()
            } catch {
                try Task.checkCancellation()
                log.error(
                    "people's templates were not brought up to the model", metadata: ["code": "\(error.code.rawValue)"])
            }
            try await FrameClock().sleep(until: FrameClock().now.advanced(by: Self.pause), tolerance: .seconds(10))
        }
    }

    /// Brings everybody with crops to the model in use.
    func catchUp() async throws(EdgeError) {
        let counts = try await convert(to: engine.embedder(of: engine.templateModel))
        let dropped = try await store.dropOldTemplates()
        try await store.use(engine.templateModel)
        guard counts.people + dropped > 0 else { return }
        log.notice(
            "people's templates were brought up to the model in use",
            metadata: ["people": "\(counts.people)", "without_old": "\(dropped)"])
    }

    /// Makes templates of all crops that the model has made none of; done again it goes on where it stood.
    func convert(to embedder: CropEmbedder) async throws(EdgeError) -> ModelSwitchCounts {
        var sum = ModelSwitchCounts()
        var start: Int64? = 0
        while let from = start {
            // Whoever goes on after this must not take a part for the whole.
            guard !Task.isCancelled else { throw EdgeError(.shuttingDown) }
            let batch = try await store.cropsWaiting(for: embedder.model, from: from)
            var made: [(crops: PersonCrops, templates: [FaceTemplate])] = []
            for crops in batch.people { made.append((crops, try await embedder.templates(of: crops.faces))) }
            let (counts, effects) = try await store.keep(made)
            for effect in effects { await sessions.follow(effect) }
            sum.people += counts.people
            sum.templates += counts.templates
            sum.unreadable += batch.unreadable
            start = batch.next
        }
        return sum
    }

    /// Makes the templates, then chooses the model for the next start.
    ///
    /// With `dropsOld` the other models' templates go: at once where the model is in use already, else after the next start.
    func change(to model: ModelVersion, dropsOld: Bool, evenForNobody: Bool) async throws(EdgeError) -> Control.Switched
    {
        let embedder = try engine.embedder(of: model)
        let before = try await store.coverage(of: model)
        guard before.people + before.convertible > 0 || before.missing == 0 || evenForNobody else {
            throw EdgeError(
                .requestInvalid,
                "Nobody has a template or a crop for \(model.id) \(model.version): nobody would be recognised.",
                field: "model")
        }
        let counts = try await convert(to: embedder)
        let old = engine.templateModel
        let coverage = try await store.choose(model, insteadOf: old, after: counts, dropsOld: dropsOld)
        log.notice("another model was chosen", metadata: ["model": "\(model.id) \(model.version)"])
        if model == old {
            health.clear("recognition.model.pending")
        } else {
            health.raise(
                "recognition.model.pending",
                title: "The model \(model.id) \(model.version) is chosen and in use after the next start.",
                severity: .warning,
                remedy: "Restart edged: systemctl restart edged.")
        }
        var done = Control.Switched(from: old, to: model, coverage, counts)
        done.isInUse = model == old
        guard dropsOld else { return done }
        done.dropsAtStart = model != old
        if model == old { done.dropped = try await store.dropTemplates(besides: model) }
        return done
    }
}
