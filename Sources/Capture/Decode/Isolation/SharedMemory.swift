import CSharedMemory
import EdgeCore
import Glibc

/// Memory that two processes see; its size stays as it is as long as either has it.
struct SharedMemory: ~Copyable {
    /// Its first byte.
    let base: UnsafeMutablePointer<UInt8>
    /// Its size.
    let count: Int
    /// To be handed over; -1 for memory that came from elsewhere.
    let descriptor: CInt

    /// Makes memory; with `isOurs` nobody else can ever write to it.
    init(count: Int, isOurs: Bool) throws(DecoderFault) {
        var mapped: UnsafeMutableRawPointer?
        descriptor = csm_create(count, isOurs, &mapped)
        guard descriptor >= 0, let mapped else { throw .noRoom(-descriptor) }
        self.count = count
        base = mapped.assumingMemoryBound(to: UInt8.self)
    }

    /// Maps what another process made, at most `most` bytes; `nil` when it is not sealed as it must be.
    init?(_ descriptor: CInt, atMost most: Int, forWriting: Bool) {
        var mapped: UnsafeMutableRawPointer?
        var count = 0
        guard csm_map(descriptor, most, forWriting, &mapped, &count) == 0, let mapped else { return nil }
        self.count = count
        base = mapped.assumingMemoryBound(to: UInt8.self)
        self.descriptor = -1
    }

    deinit {
        csm_unmap(base, count)
        if descriptor >= 0 { close(descriptor) }
    }
}

/// Where one picture is handed over, again and again: its bytes, and what becomes of them.
///
/// The daemon makes both memories. It alone can write to the first, so a worker's picture cannot change while it is read; of the
/// second the daemon reads nothing but pixels, into memory of its own and once, so it may change as it likes.
struct PictureRoom: ~Copyable {
    let input: SharedMemory
    let output: SharedMemory

    init(input: consuming SharedMemory, output: consuming SharedMemory) {
        self.input = input
        self.output = output
    }

    /// Room for a picture of these sizes and others like it.
    init(inputCount: Int, outputCount: Int) throws(DecoderFault) {
        let input = try SharedMemory(count: RoomRule.size(for: inputCount, least: 256 << 10), isOurs: true)
        let output = try SharedMemory(count: RoomRule.size(for: outputCount, least: 1 << 20), isOurs: false)
        self.init(input: input, output: output)
    }

    /// Whether a picture of these sizes has room.
    borrowing func holds(inputCount: Int, outputCount: Int) -> Bool {
        inputCount <= input.count && outputCount <= output.count
    }
}

/// How much room is made, and kept.
enum RoomRule {
    /// A camera's largest picture is made again and again; of the largest uploads nothing stays.
    static let mostKept = 32 << 20

    /// The next power of two: of memory that nobody touches the kernel gives none.
    static func size(for count: Int, least: Int) -> Int {
        var size = least
        while size < count { size *= 2 }
        return size
    }
}
