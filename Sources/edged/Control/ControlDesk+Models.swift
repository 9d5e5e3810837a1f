import EdgeCore
import Recognition
import Store

/// Which models make templates, and the change from one to another.
extension ControlDesk {
    /// How far people can be recognised by the models that the command line found installed, and by those in the store.
    func listModels(_ query: Control.ModelQuery) async throws(EdgeError) -> Control.Models {
        let chosen = try await proof.chosenModel() ?? query.standard.model
        let installed = query.installed.map(\.model)
        let stored = try await proof.storedModels()
        var rows: [Control.Model] = []
        for model in installed + stored.filter({ !installed.contains($0) }) {
            let coverage = try await proof.coverage(of: model)
            rows.append(
                Control.Model(
                    id: model.id, version: model.version, isInstalled: installed.contains(model),
                    isActive: model == chosen, isInUse: models.map { $0.engine.templateModel == model },
                    people: coverage.people, convertible: coverage.convertible, missing: coverage.missing))
        }
        return Control.Models(models: rows)
    }

    /// Makes templates of another model and chooses it; where nothing is to be done it only counts.
    func switchModel(_ order: Control.ModelSwitch) async throws(EdgeError) -> Control.Switched {
        let model = order.model.model
        guard !order.isDryRun else {
            let from = try await proof.chosenModel() ?? order.standard.model
            let coverage = try await proof.coverage(of: model)
            return Control.Switched(from: from, to: model, coverage, ModelSwitchCounts(), isDryRun: true)
        }
        guard let models else { throw EdgeError(.internalFault, "a switch needs the models") }
        return try await models.change(to: model, dropsOld: order.dropsOld, evenForNobody: order.evenForNobody)
    }
}

extension Control {
    struct ModelName: Codable {
        var id: String
        var version: String

        var model: ModelVersion { ModelVersion(id: id, version: version) }
    }

    struct ModelQuery: Codable {
        var installed: [ModelName]
        var standard: ModelName
    }

    /// A model that makes templates.
    struct Model: Codable {
        var id: String
        var version: String
        var isInstalled: Bool
        /// Whether people are recognised by it, or will be after the next start.
        var isActive: Bool
        /// Whether the daemon recognises by it now; absent when none runs.
        var isInUse: Bool?
        /// People with templates of it.
        var people: Int
        /// People without, of whom a crop is kept.
        var convertible: Int
        /// People without, who have to come again.
        var missing: Int
    }

    struct Models: Codable { var models: [Model] }

    struct ModelSwitch: Codable {
        var model: ModelName
        var standard: ModelName
        var isDryRun: Bool
        var dropsOld: Bool
        /// Go on although nobody would be recognised.
        var evenForNobody: Bool
    }

    /// What a switch came to, or would.
    struct Switched: Codable {
        var from: String
        var to: String
        var isDryRun: Bool
        /// People with templates of the new model.
        var people: Int
        /// People without, of whom a crop is kept.
        var convertible: Int
        /// People who have to come again.
        var missing: Int
        /// People who got templates just now.
        var converted: Int
        var templates: Int
        /// People whose crops do not open.
        var unreadable: Int
        /// Whether people are recognised by the model already; absent when it was only counted.
        var isInUse: Bool?
        /// Whether the old model's templates go after the next start; absent when they were not to go.
        var dropsAtStart: Bool?
        /// Templates of other models that were removed just now; absent when none were to go now.
        var dropped: Int?

        init(
            from: ModelVersion, to: ModelVersion, _ coverage: ModelCoverage, _ counts: ModelSwitchCounts,
            isDryRun: Bool = false
        ) {
            self.from = "\(from.id) \(from.version)"
            self.to = "\(to.id) \(to.version)"
            self.isDryRun = isDryRun
            people = coverage.people
            convertible = coverage.convertible
            missing = coverage.missing
            converted = counts.people
            templates = counts.templates
            unreadable = counts.unreadable
        }
    }
}
