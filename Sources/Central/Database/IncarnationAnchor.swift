import EdgeCore
import FoundationEssentials
import Glibc
import SyncCore

/// What is kept beside the database so that an older copy of it is noticed: `central.anchor`.
///
/// The database counts its openings and its transactions' feed numbers; the anchor says how far it had come. A database
/// that is behind its anchor, or has none, was put back: it begins a new incarnation, and devices begin anew with it.
struct IncarnationAnchor: Codable, Equatable {
    static let name = "central.anchor"

    /// The life of the database that the anchor is of.
    var incarnation: Incarnation
    /// How often the database had been opened.
    var openings: Int64
    /// A number that grows with everything that devices are told, at the time of the anchor.
    var progress: Int64
    /// Devices that were taken out of the fleet: they stay out also when the database is put back.
    var revoked: [DeviceID]

    /// Reads the anchor; `nil` when there is none, or none that can be read.
    static func read(directory: String) -> IncarnationAnchor? {
        guard let data = try? Data(contentsOf: URL(filePath: "\(directory)/\(name)")) else { return nil }
        return try? JSONDecoder().decode(IncarnationAnchor.self, from: data)
    }

    /// Puts it on disk, whole or not at all.
    func write(directory: String) throws(EdgeError) {
        let path = "\(directory)/\(Self.name)"
        let draft = path + ".new"
        let bytes: [UInt8]
        do { bytes = Array(try JSONEncoder().encode(self)) } catch { throw EdgeError(.internalFault) }
        let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure() }
        defer { Glibc.close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
            rename(draft, path) == 0
        else { throw Self.failure() }
        let folder = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure() }
        defer { Glibc.close(folder) }
        guard fsync(folder) == 0 else { throw Self.failure() }
    }

    private static func failure() -> EdgeError {
        EdgeError(
            errno == ENOSPC ? .storeFull : .storeUnavailable,
            "Central's anchor cannot be written: \(String(cString: strerror(errno))).")
    }
}
