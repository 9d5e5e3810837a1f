import CKernels
import Glibc

/// Whole files, read once into one piece of memory: models are large, and a second copy would be felt.
enum FileBytes {
    /// The bytes of a file; `nil` when it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        let size = Int(facts.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                count += got
            }
        }
        // A file that shrinks while it is read is not the file that was asked for.
        return bytes.count == size ? bytes : nil
    }

    /// Gives back what loading left behind.
    static func trimMemory() { ck_trim_memory() }
}
