import Testing

@Suite("Fences")
struct FenceTests {
    /// Where memory is handled without the compiler's help, and why.
    private static let unsafePlaces: [Exception] = [
        Exception("Sources/Capture/Decode/", "libturbojpeg, libpng and libwebp take and fill pointers"),
        Exception("Sources/Capture/Device/", "ioctl and the driver's mapped buffers"),
        Exception("Sources/Capture/Replay/MJPEGSplitter.swift", "looks for picture ends in a mapped file"),
        Exception("Sources/Central/Postgres/", "libpq's connections and results; a connection has one user at a time"),
        Exception("Sources/EdgeAPI/Server/Sockets/", "the descriptor beneath a channel goes to systemd"),
        Exception("Sources/Recognition/Engine/", "ONNX Runtime's handles and tensors"),
        Exception("Sources/Recognition/Matching/", "the gallery is handed to the matching kernel"),
        Exception("Sources/Recognition/Stages/", "pixels are handed to the kernels"),
        Exception("Sources/Store/Templates/SealedPeople.swift", "columns are copied once, from where SQLite has them"),
        Exception("Sources/Store/Integrity/Sums/TableSums.swift", "SQLite lends rows while a statement runs"),
        Exception("Sources/Store/Recovery/TableScan.swift", "SQLite counts its steps in a number of ours"),
        Exception("Sources/SyncCore/Pull/HashTree.swift", "numbers as bytes of a fixed width"),
        Exception("Sources/SyncCore/Subjects/SubjectVersion.swift", "an id as its bytes"),
        Exception("Sources/Vault/OpenSSL/", "libcrypto's handles, and memory that is wiped"),
        Exception("Sources/edged/Systemd/", "the journal takes a vector of pointers, names of sockets come as one"),
    ]

    /// Where a task may outlive the function that starts it, and why.
    private static let looseTasks: [Exception] = [
        Exception(
            "Sources/Recognition/Sessions/SessionService+Gallery.swift",
            "a look at the store is awaited by who asked for it and by the look after it"),
        Exception(
            "Sources/Recognition/Sessions/SessionService+Recording.swift",
            "a transaction that was begun outlives the caller who hangs up; it is awaited"),
        Exception(
            "Sources/Store/Database/EdgeStore+Reopening.swift",
            "a file is opened again while its callers are refused; close() cancels it and awaits it"),
        Exception(
            "Sources/edged/Control/Counter.swift", "rooms run beside one command; they are cancelled and awaited"),
    ]

    /// Where text may be printed, and why.
    private static let printers: [Exception] = []

    @Test("unsafe words stand in fenced folders only")
    func unsafeWords() throws {
        let words =
            #"\b\w*Unsafe\w*|@unchecked\b|nonisolated\(unsafe\)|\bunsafeBitCast\b|\bwithUnsafe\w+|\bOpaquePointer\b"#
        expectOnly(
            Self.unsafePlaces, in: try offenders(words, in: SourceTree.swift("Sources")),
            why: """
                A crash or a leak can come only from here, so these places are few, small and reviewed; \
                wrap the handle in a fenced folder and lend it out as a safe type.
                """)
    }

    @Test("nothing is forced")
    func forced() throws {
        expectOnly(
            [], in: try offenders(#"\btry!|\bas!"#, in: SourceTree.swift("Sources", "Tests")),
            why: "A forced step stops a door's daemon: throw an EdgeError, or use #require in a test.")
    }

    @Test("the daemon's rooms do not print: they log, and only the command line writes to standard output")
    func printing() throws {
        expectOnly(
            Self.printers, in: try offenders(#"\b(?:print|debugPrint|dump)\("#, in: SourceTree.swift("Sources")),
            why: "A script reads standard output and expects one JSON document there.")
    }

    @Test("tasks do not run loose outside the places that own their end")
    func looseTasks() throws {
        expectOnly(
            Self.looseTasks,
            in: try offenders(#"\bTask(?:\.detached)?\s*(?:\([^)]*\)\s*)?\{"#, in: SourceTree.swift("Sources")),
            why: "A loose task outlives a stop and swallows its errors: use a task group inside run().")
    }

    @Test("tests do not wait for time to pass")
    func sleeping() throws {
        expectOnly(
            Self.sleepingTests,
            in: try offenders(
                #"\bTask\.sleep\b|\b(?:u|nano)?sleep\(|\bThread\.sleep\b"#, in: SourceTree.swift("Tests")),
            why: "A sleep is either too short on a busy machine or too long on every other: await the fact itself.")
    }

    /// Tests that look again after a while, and why there is nothing to await.
    private static let sleepingTests: [Exception] = [
        Exception("Tests/CaptureTests/Waiting.swift", "a driver's thread is watched from outside, with a limit"),
        Exception("Tests/ScenarioTests/Support/DaemonUnderTest.swift", "another process is watched, with a limit"),
    ]

    private func offenders(_ words: String, in files: [SourceFile]) throws -> [(path: String, what: String)] {
        let pattern = try Pattern(words)
        return files.flatMap { file in
            pattern.matches(in: file.code.text).map { (path: file.path, what: "line \($0.line) has `\($0.text)`") }
        }
    }
}
