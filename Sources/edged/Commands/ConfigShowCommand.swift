import ArgumentParser
import EdgeCore

/// `edged config show`.
struct ConfigShowCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Tell every key with the value that holds and where it is written; no secrets.",
        discussion: "What is written now, and what central sent; with --running what the daemon goes by.")
    @OptionGroup var common: CommonOptions
    @Flag(name: .long, help: "What the running daemon goes by: 0, or 2 when none answers.")
    var running = false

    func perform() async throws -> ExitCode {
        let configuration = try common.configuration()
        if running { return try await tellRunning(configuration) }
        let layer = FleetLayer.load(from: configuration.storeDirectory).inForce(configuration)
        let source = try ConfigSource.load(common.config, fleet: layer)
        let rows = configuration.entries.map { entry in
            Row(
                key: entry.key, value: entry.value,
                place: source.places[configuration.writtenKey(entry.key)]?.description, about: entry.about)
        }
        if common.json {
            try Output.json(Listing(files: source.files, keys: rows))
        } else {
            for file in source.files { Output.line("# \(file)") }
            Output.table(rows.map { [$0.key, $0.value, $0.place ?? "default"] })
        }
        return ExitStatus.yes
    }

    private func tellRunning(_ configuration: DaemonConfiguration) async throws -> ExitCode {
        let rows = try await ConfigDiffCommand.inForce(configuration).map { entry in
            Row(key: entry.key, value: entry.value, place: nil, about: ConfigCatalogue.key(entry.key)?.about ?? "")
        }
        if common.json {
            try Output.json(Listing(files: [], keys: rows))
        } else {
            Output.table(rows.map { [$0.key, $0.value] })
        }
        return ExitStatus.yes
    }

    private struct Row: Encodable {
        var key: String
        var value: String
        /// Absent where the key is not written.
        var place: String?
        var about: String
    }

    private struct Listing: Encodable {
        var files: [String]
        var keys: [Row]
    }
}

extension DaemonConfiguration {
    /// The key as the file has it: of a camera or a profile its number in place of its name.
    fileprivate func writtenKey(_ key: String) -> String {
        for (index, camera) in cameras.enumerated() where key.hasPrefix("cameras.\(camera.name).") {
            return "cameras[\(index)]" + key.dropFirst("cameras.\(camera.name)".count)
        }
        for (index, profile) in cameraProfiles.enumerated() where key.hasPrefix("camera_profiles.\(profile.name).") {
            return "camera_profiles[\(index)]" + key.dropFirst("camera_profiles.\(profile.name)".count)
        }
        return key
    }
}

/// `edged config example`.
struct ConfigExampleCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "example", abstract: "Print a commented configuration file with every key.")
    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitCode {
        if common.json {
            try Output.json(["text": ConfigExample.text])
        } else {
            Output.raw(Array(ConfigExample.text.utf8))
        }
        return ExitStatus.yes
    }
}
