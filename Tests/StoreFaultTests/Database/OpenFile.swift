import EdgeCore
import Foundation

/// An open file of this process whose descriptor is made to be something else, so that the kernel itself fails.
struct OpenFile {
    private let descriptor: Int32

    /// The descriptor under which this process has `path` open.
    init(_ path: String) throws {
        let place = URL(filePath: path).resolvingSymlinksInPath().path
        let numbers = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
        let found = numbers.first { number in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")) == place
        }
        guard let found else { throw EdgeError(.internalFault, "nobody has \(path) open") }
        descriptor = found
    }

    /// Puts another file under the descriptor: `/dev/null` takes every write and refuses every sync, `/dev/full` has no
    /// room, and what is open for writing only cannot be read.
    ///
    /// Returns what puts the file back.
    @discardableResult
    func become(_ path: String, _ flags: Int32 = O_RDWR) throws -> () -> Void {
        let kept = dup(descriptor)
        let other = open(path, flags | O_CLOEXEC)
        guard other >= 0, dup2(other, descriptor) == descriptor else { throw EdgeError(.internalFault, path) }
        close(other)
        return { [descriptor] in
            dup2(kept, descriptor)
            close(kept)
        }
    }
}
