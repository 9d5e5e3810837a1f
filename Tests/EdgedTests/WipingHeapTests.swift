import Glibc
import Testing

@Suite("Freed memory")
struct WipingHeapTests {
    @Test("of every size is overwritten", arguments: [64, 1000, 20_000, 300_000, 3_000_000])
    func freed(size: Int) throws {
        let block = try #require(malloc(size))
        memset(block, 0x5A, size)
        let page = try #require(Residue(of: block, size: size))
        free(block)
        #expect(page.longestRun(of: 0x5A) < 8)
    }

    @Test("is overwritten where a block moves to grow, and the block keeps its content")
    func grown() throws {
        let size = 5000
        let block = try #require(malloc(size))
        memset(block, 0x5A, size)
        let page = try #require(Residue(of: block, size: size))
        let grown = try #require(realloc(block, 200_000))
        defer { free(grown) }
        #expect(page.longestRun(of: 0x5A) < 8)
        #expect((0..<size).allSatisfy { grown.load(fromByteOffset: $0, as: UInt8.self) == 0x5A })
    }

    @Test("realloc keeps to its contract: nothing to grow, nothing left, smaller, aligned")
    func contract() throws {
        let fresh = try #require(realloc(nil, 100))
        memset(fresh, 7, 100)
        let smaller = try #require(realloc(fresh, 90))
        #expect(smaller.load(fromByteOffset: 89, as: UInt8.self) == 7)
        let least = try #require(realloc(smaller, 8))
        #expect(least.load(fromByteOffset: 7, as: UInt8.self) == 7)
        free(least)
        var aligned: UnsafeMutableRawPointer?
        #expect(posix_memalign(&aligned, 4096, 9000) == 0)
        memset(try #require(aligned), 3, 9000)
        free(aligned)
        errno = ENOENT
        free(nil)
        #expect(errno == ENOENT)
    }
}

/// The memory of a block after it was freed, read by the kernel, which fails where it is gone instead of ending the process.
private struct Residue {
    private let start: UInt
    private let size: Int

    init?(of block: UnsafeMutableRawPointer, size: Int) {
        start = UInt(bitPattern: block)
        self.size = size
    }

    /// A whole block of one byte leaves a long run of it; a few alike may come from somebody who has the memory now.
    func longestRun(of byte: UInt8) -> Int {
        var bytes = [UInt8](repeating: 0, count: size)
        let memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        defer { close(memory) }
        let count = pread(memory, &bytes, size, off_t(start))
        var run = 0
        return bytes.prefix(max(count, 0)).reduce(0) { longest, each in
            run = each == byte ? run + 1 : 0
            return max(longest, run)
        }
    }
}
