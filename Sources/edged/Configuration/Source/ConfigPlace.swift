/// Where a key is written: a file and its line, or a variable of the environment.
struct ConfigPlace: Equatable, Sendable, CustomStringConvertible {
    var file: String
    /// From 1; `nil` where there are no lines.
    var line: Int?

    var description: String { line.map { "\(file):\($0)" } ?? file }
}

/// Where the keys of a configuration are written, by their paths as `ConfigSection` forms them (`cameras[0].width`).
struct ConfigPlaces: Equatable, Sendable {
    private var places: [String: ConfigPlace] = [:]

    var isEmpty: Bool { places.isEmpty }

    subscript(key: String) -> ConfigPlace? {
        get { places[key] }
        set { places[key] = newValue }
    }

    /// The place of a key, or of the nearest table above it: of a key that is missing the table can be shown.
    func nearest(to key: String) -> ConfigPlace? {
        var path = key[...]
        while !path.isEmpty {
            if let place = places[String(path)] { return place }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<end]
        }
        return nil
    }

    /// Takes over what stands at `other`'s `source`, below it too, as standing at `target` here.
    mutating func adopt(_ other: ConfigPlaces, at source: String, as target: String) {
        for (key, place) in other.places where key == source || Self.isBelow(key, source) {
            places[target + key.dropFirst(source.count)] = place
        }
    }

    /// Forgets what stands at `key` and below it.
    mutating func forget(_ key: String) {
        places = places.filter { $0.key != key && !Self.isBelow($0.key, key) }
    }

    private static func isBelow(_ key: String, _ table: String) -> Bool {
        key.hasPrefix(table) && (key.dropFirst(table.count).first.map { $0 == "." || $0 == "[" } ?? false)
    }
}
