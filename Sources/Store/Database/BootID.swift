import FoundationEssentials
import Glibc

/// Tells one start of the machine from another; monotonic times compare only within one.
enum BootID {
    /// The kernel's id of this boot; where the sandbox hides it, a fresh one for this process.
    static let current = kernels ?? UUID().uuidString.lowercased()

    private static var kernels: String? {
        let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &text, text.count)
        guard count >= 36 else { return nil }
        let id = String(decoding: text[..<36], as: UTF8.self)
        return UUID(uuidString: id) == nil ? nil : id
    }
}
