import EdgeCore
import Foundation

/// What is written in all places that have a say, merged: the file, the files in `conf.d` beside it in the order of their
/// names, and the environment.
///
/// What comes later replaces what came before, key by key. Lists are replaced whole, but for tables with a name (cameras):
/// those of the same name are merged, others are added.
struct ConfigSource: Equatable, Sendable {
    private(set) var root = ConfigValue.table([:])
    private(set) var places = ConfigPlaces()
    /// What was read, in this order.
    var files: [String] = []

    init() {}

    /// One text alone.
    init(_ text: String, file: String) throws(EdgeError) {
        try add(text, file: file)
    }

    /// Puts a file's text over what is there already.
    mutating func add(_ text: String, file: String) throws(EdgeError) {
        let value = try ConfigValue.parse(text, file: file)
        merge(value, TOMLLines.places(of: text, file: file))
        files.append(file)
    }

    mutating func merge(_ value: ConfigValue, _ from: ConfigPlaces) {
        root = merged(root, value, from, at: "", as: "")
    }

    /// `value`, which `from` knows at `source`, over `old`, which is at `target` here.
    private mutating func merged(
        _ old: ConfigValue?, _ value: ConfigValue, _ from: ConfigPlaces, at source: String, as target: String
    ) -> ConfigValue {
        switch (old, value) {
        case (.table(var table)?, .table(let new)):
            if places[target] == nil, let place = from[source] { places[target] = place }
            for (name, item) in new {
                table[name] = merged(
                    table[name], item, from, at: Self.key(source, name), as: Self.key(target, name))
            }
            return .table(table)
        case (.array(var items)?, .array(let new)) where Self.areNamed(items) && Self.areNamed(new):
            for (index, item) in new.enumerated() {
                let known = items.firstIndex { $0.name == item.name }
                let place = known ?? items.count
                let result = merged(
                    known.map { items[$0] } ?? .table([:]), item, from, at: "\(source)[\(index)]",
                    as: "\(target)[\(place)]")
                if known == nil { items.append(result) } else { items[place] = result }
            }
            return .array(items)
        default:
            places.forget(target)
            places.adopt(from, at: source, as: target)
            return value
        }
    }

    private static func areNamed(_ items: [ConfigValue]) -> Bool { items.allSatisfy { $0.name != nil } }

    private static func key(_ table: String, _ name: String) -> String { table.isEmpty ? name : "\(table).\(name)" }
}

extension ConfigValue {
    /// What a table calls itself.
    fileprivate var name: String? {
        guard case .table(let table) = self, case .string(let name)? = table["name"] else { return nil }
        return name
    }
}
