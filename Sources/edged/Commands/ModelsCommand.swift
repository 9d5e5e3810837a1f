import ArgumentParser
import EdgeCore
import Recognition

/// `edged models`.
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Show the models that make templates, or change to another.",
        subcommands: [List.self, Switch.self], defaultSubcommand: List.self)

    struct List: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the installed models and how many people have templates of each.",
            discussion: """
                A * marks the model by which people are recognised. SWITCHABLE are people who have no template of a model, and \
                of whom an aligned face is kept that one can be made of; MISSING are those who would have to come again.
                """)
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            let directory = configuration.modelsDirectory
            let query = Control.ModelQuery(
                installed: try InstalledModels.templates(in: directory).keys.map { Control.ModelName($0) }
                    .sorted { ($0.id, $0.version) < ($1.id, $1.version) },
                standard: Control.ModelName(try InstalledModels.standard(in: directory)))
            let found = try await Counter.serve(configuration, need: .store) { counter in
                try await counter.ask(.modelsList, query, as: Control.Models.self)
            }
            if common.json { try Output.json(found) } else { Self.tell(found) }
            return ExitStatus.yes
        }

        private static func tell(_ found: Control.Models) {
            Output.table(
                [["", "MODEL", "VERSION", "PEOPLE", "SWITCHABLE", "MISSING", ""]]
                    + found.models.map { model in
                        [
                            model.isActive ? "*" : "", model.id, model.version, "\(model.people)",
                            "\(model.convertible)",
                            "\(model.missing)", note(model),
                        ]
                    })
        }

        private static func note(_ model: Control.Model) -> String {
            if !model.isInstalled { return "not installed" }
            return model.isActive && model.isInUse == false ? "after the next start" : ""
        }
    }

    struct Switch: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recognise people by another installed model.",
            discussion: """
                Templates of the model are made of the aligned faces that are kept ([templates] keep_crops) and written beside \
                those that are there; broken off and done again it goes on where it stood. People of whom no face is kept keep \
                their old templates and are not recognised until they enroll again. The daemon uses the model after its next start.
                """)
        @OptionGroup var common: CommonOptions
        @Argument(help: "The model's id, or ID@VERSION.")
        var model: String
        @Flag(name: .long, help: "Only say what it would come to.")
        var dryRun = false
        @Flag(name: .long, help: "Remove the old model's templates once the new one is in use; at once where it is.")
        var dropOld = false
        @Flag(name: .long, help: "Switch although nobody could be recognised afterwards.")
        var evenForNobody = false

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            let directory = configuration.modelsDirectory
            let order = Control.ModelSwitch(
                model: Control.ModelName(try InstalledModels.model(named: model, in: directory)),
                standard: Control.ModelName(try InstalledModels.standard(in: directory)), isDryRun: dryRun,
                dropsOld: dropOld, evenForNobody: evenForNobody)
            let done = try await Counter.serve(configuration, need: dryRun ? .store : .recognition) { counter in
                try await counter.ask(.modelsSwitch, order, as: Control.Switched.self)
            }
            if common.json { try Output.json(done) } else { tell(done) }
            return done.missing + done.convertible == 0 || dryRun ? ExitStatus.yes : ExitStatus.no
        }

        private func tell(_ done: Control.Switched) {
            if done.isDryRun {
                Output.line("\(done.to): \(done.people) people have templates, \(done.convertible) would get some")
            } else {
                Output.line(
                    "\(done.converted) people got \(done.templates) templates of \(done.to); \(done.people) have some")
                Output.line(
                    done.isInUse == true ? "it is in use already" : "it is in use after the next start of the daemon")
                tellDropped(done)
            }
            if done.missing > 0 { Output.line("\(done.missing) people have to enroll again") }
            if done.unreadable > 0 { Output.line("the faces kept of \(done.unreadable) people cannot be read") }
        }

        private func tellDropped(_ done: Control.Switched) {
            if done.dropsAtStart == true {
                Output.line("the templates of \(done.from) are removed after that start")
            } else if let dropped = done.dropped {
                Output.line(
                    dropped > 0
                        ? "\(dropped) templates of other models were removed"
                        : "there was no template of another model to remove")
            }
        }
    }
}

extension Control.ModelName {
    fileprivate init(_ model: ModelVersion) { self.init(id: model.id, version: model.version) }
}
