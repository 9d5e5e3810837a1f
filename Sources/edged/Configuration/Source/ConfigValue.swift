import EdgeCore
import Foundation
import TOMLKit

/// A configuration file as plain values; TOML stays in this file.
indirect enum ConfigValue: Equatable, Decodable {
    case table([String: ConfigValue])
    case array([ConfigValue])
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)

    /// Parses TOML text; a syntax error names its line.
    static func parse(_ text: String, file: String) throws(EdgeError) -> ConfigValue {
        do {
            let json = try TOMLTable(string: text).convert(to: .json)
            return try JSONDecoder().decode(ConfigValue.self, from: Data(json.utf8))
        } catch let error as TOMLParseError {
            let line = error.source.begin.line
            throw EdgeError(.configurationInvalid, "\(file):\(line): \(error.description)")
        } catch {
            throw EdgeError(.configurationInvalid, "\(file): cannot be read as TOML")
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([ConfigValue].self) {
            self = .array(value)
        } else {
            self = .table(try container.decode([String: ConfigValue].self))
        }
    }

    /// The kind of value, for messages.
    var kind: String {
        switch self {
        case .table: "a table"
        case .array: "a list"
        case .string: "text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        }
    }
}
