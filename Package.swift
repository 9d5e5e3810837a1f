// swift-tools-version:6.2
import PackageDescription

// One room alone builds in seconds: `EDGED_ROOM=Capture swift test --scratch-path .build-Capture`.
let onlyRoom = Context.environment["EDGED_ROOM"]

// For `scripts/fuzz`, which builds in folders of their own: with `EDGED_FUZZ=1` there is a fuzzer, and all that it goes through is
// watched; with `EDGED_SANITIZE=1` the code in C is.
let fuzzes = Context.environment["EDGED_FUZZ"] == "1"
let watched: [SwiftSetting] = fuzzes ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : []
let watchedC =
    fuzzes
    ? ["-fsanitize=address,undefined,fuzzer-no-link", "-fno-sanitize-recover=undefined"]
    : Context.environment["EDGED_SANITIZE"] == "1"
        ? ["-fsanitize=undefined", "-fno-sanitize-recover=undefined"] : []

let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
        // The tests look inside the rooms and run on the same optimised build that ships: one build, not two.
        .unsafeFlags(["-enable-testing"], .when(configuration: .release)),
    ] + watched

/// Pixel and matching kernels stay fast in a debug build too.
let fastC: [CSetting] = [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"] + watchedC)]
let strictC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"] + watchedC)]

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")

func floorZero(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name, dependencies: ["EdgeCore", "EdgeTesting"] + dependencies, exclude: exclude, resources: resources,
        swiftSettings: strict)
}

/// The library has a `main` of its own.
let fuzzer = Target.executableTarget(
    name: "capture-fuzz", dependencies: ["CaptureTesting"], path: "Tests/CaptureTests/Fuzz", exclude: ["jpeg.dict"],
    swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
    linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])])

/// Everything that stands below the rooms; always built.
let ground: [Target] = [
    floorZero("CV4L2", pkgConfig: "libv4l2", apt: "libv4l-dev"),
    floorZero("CTurboJPEG", pkgConfig: "libturbojpeg", apt: "libturbojpeg0-dev"),
    floorZero("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    floorZero("CSystemd", pkgConfig: "libsystemd", apt: "libsystemd-dev"),
    floorZero("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
    floorZero("CWebP", pkgConfig: "libwebp", apt: "libwebp-dev"),
    floorZero("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
    .target(name: "CKernels", cSettings: fastC),
    .target(name: "CWipingHeap", cSettings: strictC),
    .target(name: "CClockState", cSettings: strictC),
    .target(name: "CNetLink", cSettings: strictC),
    .target(name: "CSharedMemory", cSettings: strictC),
    .target(name: "CSQLiteHooks", cSettings: strictC, linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "CGzip", cSettings: strictC, linkerSettings: [.linkedLibrary("z")]),
    .target(name: "COnnxRuntime", cSettings: strictC, linkerSettings: [.linkedLibrary("dl")]),
    room("EdgeCore", [log, metrics]),
    room("SyncCore", ["CGzip"]),
    room("EdgeTesting", ["EdgeCore"]),
]

let rooms: [String: [Target]] = [
    "EdgeCore": [tests("EdgeCoreTests", []), tests("SyncCoreTests", ["SyncCore"])],
    "Capture": [
        room(
            "Capture",
            ["EdgeCore", "CV4L2", "CTurboJPEG", "CPNG", "CWebP", "CKernels", "CSharedMemory", "CSystemd", log]),
        .target(
            name: "CaptureTesting", dependencies: ["EdgeCore", "Capture", "CTurboJPEG", "CPNG", "CWebP"],
            path: "Tests/CaptureTests/CaptureTesting", swiftSettings: strict),
        tests(
            "CaptureTests", ["Capture", "CaptureTesting", "CTurboJPEG", "CPNG", "CWebP", "CKernels", log],
            exclude: ["CaptureTesting", "Fuzz"]),
    ] + (fuzzes ? [fuzzer] : []),
    "Recognition": [
        room("Recognition", ["EdgeCore", "COnnxRuntime", "CKernels", log]),
        tests("RecognitionTests", ["Recognition", "CTurboJPEG", "CKernels", "COnnxRuntime"]),
    ],
    "Vault": [
        room("Vault", ["EdgeCore", "COpenSSL"]),
        tests("VaultTests", ["Vault", "COpenSSL"]),
    ],
    "Store": [
        room(
            "Store",
            ["EdgeCore", "SyncCore", "CClockState", "CSQLiteHooks", log, .product(name: "GRDB", package: "GRDB.swift")]),
        .target(
            name: "CFaultVFS", path: "Tests/StoreFaultTests/CFaultVFS", cSettings: fastC,
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "StoreTesting", dependencies: ["EdgeCore", "EdgeTesting", "Store", "Vault", log],
            path: "Tests/StoreTests/StoreTesting", resources: [.copy("Fixtures")], swiftSettings: strict),
        tests(
            "StoreTests",
            ["Store", "StoreTesting", "SyncCore", "Vault", log, .product(name: "GRDB", package: "GRDB.swift")],
            exclude: ["StoreTesting"]),
        // A module of its own: the compiler takes minutes for each, and so two processors share them.
        tests(
            "StoreFaultTests",
            [
                "Store", "StoreTesting", "SyncCore", "Vault", "CFaultVFS", log,
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["CFaultVFS"]),
    ],
    "Sync": [
        room(
            "Sync",
            [
                "EdgeCore", "SyncCore", "CNetLink", log,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        tests(
            "SyncTests",
            [
                "Sync", "SyncCore", "Store", "Vault", hummingbird, log,
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
    ],
    "Central": [
        room("Central", ["EdgeCore", "SyncCore", "CPQ", log, .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "CentralTests",
            ["Central", "SyncCore", "Vault", log, .product(name: "GRDB", package: "GRDB.swift")]),
    ],
    "EdgeAPI": [
        room(
            "EdgeAPI",
            [
                "EdgeCore", "SyncCore", log, metrics, hummingbird,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "EdgeAPITests",
            [
                "EdgeAPI", "SyncCore", "Vault", hummingbird,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "JWTKit", package: "jwt-kit"), log,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
    ],
    "edged": [
        .executableTarget(
            name: "edged",
            dependencies: [
                "EdgeCore", "SyncCore", "Capture", "Recognition", "Store", "Vault", "Sync", "Central", "EdgeAPI",
                "CSystemd", "CWipingHeap", log, metrics,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ], swiftSettings: strict),
        tests(
            "EdgedTests",
            [
                "edged", "Capture", "EdgeAPI", "Recognition", "Store", "Vault", log,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        tests("ArchitectureTests", []),
        tests(
            "ScenarioTests",
            [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
    ],
]

/// Rooms that need neighbours: for their tests, or to be built at all.
///
/// The neighbours' own tests stay away.
let companions = [
    "Store": ["Vault"], "Central": ["Vault"], "EdgeAPI": ["Vault"], "Sync": ["Store", "Vault"],
    "edged": ["Capture", "Recognition", "Store", "Vault", "Sync", "Central", "EdgeAPI"],
]
let built = onlyRoom.map { room in
    (rooms[room] ?? []) + (companions[room] ?? []).flatMap { rooms[$0] ?? [] }.filter { $0.type != .test }
}

let package = Package(
    name: "edged",
    products: onlyRoom == nil ? [.executable(name: "edged", targets: ["edged"])] : [],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: ground + (built ?? Array(rooms.values.joined())),
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17,
    cxxLanguageStandard: .cxx20
)
