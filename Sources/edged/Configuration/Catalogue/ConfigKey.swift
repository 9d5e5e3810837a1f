/// A key of the configuration as the documentation shows it.
struct ConfigKey: Equatable, Sendable {
    enum Standing: Sendable {
        /// The value shown is what holds when the key is not written.
        case standard
        /// Nothing holds when the key is not written; the value is an example.
        case example
        /// The same, and what it names must be there too.
        case reference
        /// The same, and it cannot stand beside another key of its table.
        case alternative
    }

    /// When a changed value takes effect.
    enum Effect: Sendable {
        case reload
        case restart
    }

    let name: String
    /// As it is written in TOML.
    let value: String
    /// One sentence or two.
    let about: String
    let standing: Standing
    let effect: Effect

    static func standard(_ name: String, _ value: String, _ about: String, _ effect: Effect = .restart) -> ConfigKey {
        ConfigKey(name: name, value: value, about: about, standing: .standard, effect: effect)
    }

    static func example(_ name: String, _ value: String, _ about: String, _ effect: Effect = .restart) -> ConfigKey {
        ConfigKey(name: name, value: value, about: about, standing: .example, effect: effect)
    }

    static func reference(_ name: String, _ value: String, _ about: String) -> ConfigKey {
        ConfigKey(name: name, value: value, about: about, standing: .reference, effect: .restart)
    }

    static func alternative(_ name: String, _ value: String, _ about: String) -> ConfigKey {
        ConfigKey(name: name, value: value, about: about, standing: .alternative, effect: .restart)
    }
}

/// A table of the configuration as the documentation shows it.
struct ConfigTable: Equatable, Sendable {
    /// Its path, `http.lan`.
    let path: String
    /// Whether there may be several, `[[cameras]]`.
    let isList: Bool
    let about: String
    let keys: [ConfigKey]

    init(_ path: String, list: Bool = false, _ about: String, _ keys: [ConfigKey]) {
        self.path = path
        isList = list
        self.about = about
        self.keys = keys
    }
}

/// Every key that the daemon knows, in the order of the file; the example and the rows of the API are made of it.
enum ConfigCatalogue {
    static let tables: [ConfigTable] = listeners + places + recognition + people + line

    /// What the documentation says of a key as `DaemonConfiguration.entries` names it.
    static func key(_ path: String) -> ConfigKey? { byPath[plain(path)] }

    /// All keys by their paths; of those of lists there is one each, `cameras.width`.
    static let byPath: [String: ConfigKey] = Dictionary(
        uniqueKeysWithValues: tables.flatMap { table in table.keys.map { ("\(table.path).\($0.name)", $0) } })

    /// The paths of the tables of which there may be several.
    static let lists: Set<String> = Set(tables.filter(\.isList).map(\.path))

    /// `cameras.door-in.width` and `cameras[1].width` without what tells one camera from another.
    static func plain(_ path: String) -> String {
        let list = String(path.prefix { $0 != "." && $0 != "[" })
        guard lists.contains(list), let last = path.lastIndex(of: ".") else { return path }
        return list + path[last...]
    }
}
