import EdgeCore
import FoundationEssentials
import Glibc

/// Pictures from a path, one after another, read only when their turn comes.
protocol Footage: ~Copyable {
    /// The next picture's bytes, `nil` at the end. Broken pictures on the way are in `broken`.
    mutating func next() throws(EdgeError) -> [UInt8]?
    /// Starts over.
    mutating func rewind() throws(EdgeError)
    /// Pictures found damaged since the start.
    var broken: UInt64 { get }
}

/// The pictures of a directory in the order of their names.
struct PictureDirectory: Footage {
    private static let endings: Set<String> = ["jpg", "jpeg", "png", "webp"]
    private let paths: [String]
    private var position = 0
    private(set) var broken: UInt64 = 0

    init(path: String) throws(EdgeError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw EdgeError(.replayUnreadable, "The footage directory \(path) cannot be listed.")
        }
        paths = names.filter { name in
            !name.hasPrefix(".") && Self.endings.contains(name.split(separator: ".").last.map { $0.lowercased() } ?? "")
        }.sorted().map { "\(path)/\($0)" }
        guard !paths.isEmpty else {
            throw EdgeError(.replayUnreadable, "The footage directory \(path) has no JPEG, PNG or WebP pictures.")
        }
    }

    mutating func next() throws(EdgeError) -> [UInt8]? {
        while position < paths.count {
            defer { position += 1 }
            if let bytes = FileManager.default.contents(atPath: paths[position]) { return Array(bytes) }
            broken += 1
        }
        return nil
    }

    mutating func rewind() { position = 0 }
}

/// An MJPEG file: JPEGs one behind another.
struct MJPEGFile: Footage, ~Copyable {
    private static let chunk = 256 << 10
    private let path: String
    private let descriptor: CInt
    private var splitter = MJPEGSplitter()
    private var isAtEnd = false
    private var brokenBefore: UInt64 = 0

    init(path: String) throws(EdgeError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw EdgeError(.replayUnreadable, "\(path): \(String(cString: strerror(errno))).")
        }
        let head = try read(upTo: 64)
        switch ImageSignature(head) {
        case .jpeg: break
        case .other(let name):
            throw EdgeError(
                .replayUnreadable, "\(path) is a \(name) file; give a directory of pictures or an MJPEG file.")
        case .png, .webp, .unknown:
            throw EdgeError(.replayUnreadable, "\(path) is not an MJPEG file.")
        }
        splitter.push(head)
    }

    deinit { close(descriptor) }

    var broken: UInt64 { brokenBefore + splitter.broken }

    mutating func next() throws(EdgeError) -> [UInt8]? {
        while true {
            if let picture = splitter.next(isLast: isAtEnd) { return picture }
            guard !isAtEnd else { return nil }
            let bytes = try read(upTo: Self.chunk)
            if bytes.isEmpty { isAtEnd = true } else { splitter.push(bytes) }
        }
    }

    mutating func rewind() throws(EdgeError) {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw EdgeError(.replayUnreadable, "\(path) cannot be rewound.")
        }
        brokenBefore += splitter.broken
        splitter = MJPEGSplitter()
        isAtEnd = false
    }

    private borrowing func read(upTo count: Int) throws(EdgeError) -> [UInt8] {
        var received = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            repeat { received = Glibc.read(descriptor, buffer.baseAddress, count) } while received < 0 && errno == EINTR
            initialized = max(received, 0)
        }
        guard received >= 0 else { throw EdgeError(.replayUnreadable, "\(path): \(String(cString: strerror(errno))).") }
        return bytes
    }
}
