import EdgeCore
import Foundation
import SyncCore

extension ConfigSource {
    /// Where the configuration is looked for when `--config` does not say.
    static let standardPath = "/etc/edged/edged.toml"

    /// The file, the files in the directory beside it, what central sent, and the environment.
    ///
    /// Without `path` the standard file is read if it is there. Throws `configuration.invalid` for a file that cannot be
    /// read or is no TOML.
    static func load(
        _ path: String?, fleet parts: [FleetConfiguration.Part] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(EdgeError) -> ConfigSource {
        var source = ConfigSource()
        let file = path ?? standardPath
        if path != nil || FileManager.default.fileExists(atPath: file) { try source.add(contentsOf: file) }
        for part in try files(beside: file) { try source.add(contentsOf: part) }
        for part in parts { try source.add(part.toml, file: "central's, \(part.name)") }
        try source.add(environment)
        return source
    }

    /// What relative paths are relative to.
    static func base(_ path: String?) -> String {
        URL(filePath: path ?? standardPath).deletingLastPathComponent().standardizedFileURL.path
    }

    /// The directory with more files: `conf.d` beside `edged.toml`, `NAME.toml.d` beside another file, which may lie in the same
    /// directory and be another daemon's.
    static func directory(beside file: String) -> String {
        let url = URL(filePath: file)
        let name = url.lastPathComponent == "edged.toml" ? "conf.d" : url.lastPathComponent + ".d"
        return url.deletingLastPathComponent().appending(path: name).path
    }

    private mutating func add(contentsOf file: String) throws(EdgeError) {
        guard let data = FileManager.default.contents(atPath: file), let text = String(data: data, encoding: .utf8)
        else { throw EdgeError(.configurationInvalid, "\(file): cannot be read") }
        try add(text, file: file)
    }

    /// Editors leave copies with other endings beside a file, and hidden ones.
    private static func files(beside file: String) throws(EdgeError) -> [String] {
        let directory = directory(beside: file)
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw EdgeError(.configurationInvalid, "\(directory): cannot be read")
        }
        return names.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .map { "\(directory)/\($0)" }
    }
}

extension ConfigSource {
    /// What the name of a variable begins with that says something of the configuration.
    static let variablePrefix = "EDGED__"

    /// `EDGED__HTTP__LAN__LISTEN=0.0.0.0:8443` is `http.lan.listen`: for containers.
    ///
    /// The value is read as TOML where it is some, else as text.
    private mutating func add(_ environment: [String: String]) throws(EdgeError) {
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.variablePrefix) {
            let parts = name.dropFirst(Self.variablePrefix.count).lowercased().components(separatedBy: "__")
            let place = ConfigPlace(file: "the environment's \(name)", line: nil)
            guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }) else {
                throw EdgeError(.configurationInvalid, "\(place): is no key such as EDGED__SESSIONS__TTL")
            }
            var places = ConfigPlaces()
            places[parts.joined(separator: ".")] = place
            merge(parts.reversed().reduce(Self.value(of: text)) { .table([$1: $0]) }, places)
            files.append(place.file)
        }
    }

    private static func value(of text: String) -> ConfigValue {
        guard !text.contains("\n"), case .table(let table)? = try? ConfigValue.parse("value = \(text)", file: "") else {
            return .string(text)
        }
        return table.count == 1 ? table["value"] ?? .string(text) : .string(text)
    }
}
