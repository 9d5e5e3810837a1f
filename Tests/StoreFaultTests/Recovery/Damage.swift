import EdgeCore
import Foundation
import GRDB

/// What happens to files: pages overwritten, ends cut off.
struct Damage {
    let path: String

    /// The numbers of the pages of a table or an index, in the order in which SQLite goes through them.
    func pages(of name: String, kind: String = "leaf") throws -> [Int] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in
            try Int.fetchAll(
                db, sql: "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path",
                arguments: [name, kind])
        }
    }

    /// Takes the note of a clean stop away, as a power cut leaves the file.
    func forgetStop() throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "DELETE FROM meta WHERE name = 'stop'") }
        try queue.close()
    }

    func overwrite(_ pages: [Int], with byte: UInt8 = 0xFF) throws {
        for page in pages { try overwrite(at: (page - 1) * 4096, Data(repeating: byte, count: 4096)) }
    }

    func overwrite(at offset: Int, _ bytes: Data) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: bytes)
        try file.close()
    }

    func cut(to bytes: Int) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.truncate(atOffset: UInt64(bytes))
        try file.close()
    }

    var size: Int { (try? Data(contentsOf: URL(filePath: path)).count) ?? 0 }
}
