/// What a room or a test folder may import.
struct ImportRule: Sendable {
    let folder: String
    /// Own modules, besides `EdgeCore`, which everybody above it may import.
    let modules: Set<String>
    /// Modules of other packages and of the system.
    let libraries: Set<String>
    /// Stands in `Package.swift` so that it is built with the house; nobody imports it until its time comes.
    let awaited: Set<String>

    init(
        _ folder: String, _ modules: Set<String> = [], libraries: Set<String> = [], awaited: Set<String> = []
    ) {
        self.folder = folder
        self.modules = modules
        self.libraries = libraries
        self.awaited = awaited
    }
}

/// The house, from the ground up; `Package.swift` and `docs/map.md` tell the same.
enum House {
    /// What needs no rule: the language's own modules.
    static let language: Set<String> = [
        "Swift", "FoundationEssentials", "Synchronization", "Dispatch", "Glibc", "Musl",
    ]

    static let rooms = [
        // Floor 1: words and ports, the sync protocol; no I/O.
        ImportRule("EdgeCore", awaited: ["Logging", "Metrics"]),
        ImportRule("SyncCore", ["CGzip"]),
        // Floor 2: rooms that never import each other.
        ImportRule(
            "Capture", ["CV4L2", "CTurboJPEG", "CPNG", "CWebP", "CKernels", "CSharedMemory", "CSystemd"],
            libraries: ["Logging"]),
        ImportRule("Recognition", ["COnnxRuntime", "CKernels"], libraries: ["Logging"]),
        ImportRule("Vault", ["COpenSSL"]),
        ImportRule("Store", ["SyncCore", "CClockState", "CSQLiteHooks"], libraries: ["GRDB", "Logging"]),
        ImportRule(
            "Sync", ["SyncCore", "CNetLink"],
            libraries: [
                "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOHTTPCompression", "NIOPosix", "NIOSSL", "Logging",
            ]),
        ImportRule("Central", ["SyncCore", "CPQ"], libraries: ["GRDB", "Logging"]),
        ImportRule(
            "EdgeAPI", ["SyncCore"],
            libraries: [
                "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOExtras", "NIOHTTP1", "NIOHTTPTypes",
                "NIOHTTPTypesHTTP1", "NIOPosix", "NIOSSL", "NIOTLS", "NIOWebSocket", "JWTKit", "ServiceLifecycle",
                "Logging",
            ], awaited: ["Metrics"]),
        // Floor 3: the only one who knows everybody.
        ImportRule(
            "edged",
            [
                "SyncCore", "Capture", "Recognition", "Store", "Vault", "Sync", "Central", "EdgeAPI", "CSystemd",
                "CWipingHeap",
            ],
            libraries: [
                "ArgumentParser", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "ServiceLifecycle", "UnixSignals",
                "TOMLKit",
                "Logging", "Foundation",
            ], awaited: ["Metrics"]),
        // Aside: fakes and test inputs.
        ImportRule("EdgeTesting", libraries: ["Foundation"]),
    ]

    /// C targets and system libraries, each with a module map or a header and no Swift.
    static let ground: Set<String> = [
        "CV4L2", "CTurboJPEG", "CPNG", "CWebP", "COpenSSL", "CSystemd", "CKernels", "COnnxRuntime", "CWipingHeap",
        "CClockState", "CNetLink", "CSharedMemory", "CSQLiteHooks", "CGzip", "CPQ",
    ]

    /// Rooms whose tests need a neighbour, and why.
    static let neighboursInTests: [String: (rooms: Set<String>, reason: String)] = [
        "Central": (["Vault"], "people are sealed and leases signed by the real vault, not by a stand-in"),
        "Store": (["Vault"], "what is sealed is sealed by the real vault, not by a stand-in"),
        "EdgeAPI": (["Vault"], "TLS is served with certificates that the real vault made"),
        "Sync": (
            ["Store", "Vault"],
            "a member sends from a real store and applies to it; webhooks are signed by the real vault"
        ),
    ]

    /// Libraries that have exactly one home, so that they can be exchanged in one place.
    static let homes: [String: Set<String>] = [
        "GRDB": ["Store", "Central"], "Hummingbird": ["EdgeAPI"], "HummingbirdCore": ["EdgeAPI"],
        "NIOSSL": ["EdgeAPI", "Sync"],
        "NIOWebSocket": ["EdgeAPI"], "JWTKit": ["EdgeAPI"], "COpenSSL": ["Vault"], "COnnxRuntime": ["Recognition"],
        "CV4L2": ["Capture"],
        "CTurboJPEG": ["Capture"],
        "CPNG": ["Capture"], "CWebP": ["Capture"], "TOMLKit": ["edged"], "ArgumentParser": ["edged"],
        "CSystemd": ["Capture", "edged"], "CWipingHeap": ["edged"], "CClockState": ["Store"], "CSQLiteHooks": ["Store"],
        "CGzip": ["SyncCore"], "CNetLink": ["Sync"], "CSharedMemory": ["Capture"], "CPQ": ["Central"],
        "AsyncHTTPClient": ["Sync", "edged"],
    ]
}
