// swift-tools-version: 6.2
import PackageDescription

// Every use of a pointer is marked, an import is internal unless it is said to be public, and a member comes from a module
// that its file imports.
let strict: [SwiftSetting] = [
    .strictMemorySafety(), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let fuzzed: [Target.Dependency] = [
    "CIFF", "CorpusFormats", "FileStorage", "InvertedIndex", "LearnedEncoder", "TextAnalysis",
]

let package = Package(
    name: "Apus",
    products: [
        .library(name: "Apus", targets: ["Apus"]),
        // 23 MB that a client of Apus can leave out.
        .library(name: "ApusBundledModel", targets: ["ApusBundledModel"]),
        // Other engines' formats, with swift-protobuf, which a client of Apus can leave out.
        .library(name: "ApusExchange", targets: ["ApusExchange"]),
        // The engine for C, and for Python over it: Sources/CApus/include/apus.h.
        .library(name: "apus-c", type: .dynamic, targets: ["ApusC"]),
        .executable(name: "apus", targets: ["ApusCLI"]),
        .executable(name: "apus-bench", targets: ["ApusBenchmarks"]),
        // Preloaded into apus by AttackTests; a product, so that it is built as a library of its own.
        .library(name: "apusattack", type: .dynamic, targets: ["CAttackShim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // For `swift package generate-documentation` alone: no target depends on it, so no build compiles it.
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CICU", pkgConfig: "icu-i18n", providers: [.apt(["libicu-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .target(name: "CApusKernels"),
        .target(name: "CApusBundledModel", exclude: ["Model", "Tiny"]),
        .target(name: "CApusStarter"),
        .target(name: "CApus"),
        // Loads libzstd at run time, where it is there.
        .target(name: "CZstd"),
        .target(name: "ByteStrings", swiftSettings: strict),
        .target(name: "JSONScanning", swiftSettings: strict),
        .target(name: "ParallelWork", swiftSettings: strict),
        .target(name: "FileStorage", dependencies: ["CApusKernels", "CZlib"], swiftSettings: strict),
        .target(
            name: "TextAnalysis", dependencies: ["ByteStrings", "CICU", "CStemmer", "JSONScanning"],
            swiftSettings: strict),
        .target(
            name: "LearnedEncoder",
            dependencies: [
                "ByteStrings", "CApusKernels", "FileStorage", "JSONScanning", "ParallelWork", "TextAnalysis",
            ], swiftSettings: strict),
        .target(
            name: "InvertedIndex", dependencies: ["ByteStrings", "CApusKernels", "FileStorage", "ParallelWork"],
            swiftSettings: strict),
        .target(
            name: "RetrievalEvaluation", dependencies: ["ByteStrings", "ParallelWork"], swiftSettings: strict),
        .target(
            name: "CorpusFormats",
            dependencies: ["ByteStrings", "CZlib", "CZstd", "JSONScanning", "ParallelWork", "RetrievalEvaluation"],
            swiftSettings: strict),
        .target(
            name: "Apus",
            dependencies: [
                "ByteStrings", "CorpusFormats", "FileStorage", "InvertedIndex", "JSONScanning", "LearnedEncoder",
                "ParallelWork",
                "RetrievalEvaluation", "TextAnalysis", .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .target(
            name: "CIFF", dependencies: ["CorpusFormats", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["CommonIndexFileFormat.proto"], swiftSettings: strict),
        .target(
            name: "ApusExchange",
            dependencies: [
                "Apus", "ByteStrings", "CIFF", "CorpusFormats", "FileStorage", "InvertedIndex", "JSONScanning",
            ], swiftSettings: strict),
        .target(
            name: "ApusBundledModel", dependencies: ["Apus", "CApusBundledModel", "FileStorage", "LearnedEncoder"],
            swiftSettings: strict),
        .target(
            name: "ApusC",
            dependencies: [
                "Apus", "ApusBundledModel", "ByteStrings", "CApus", "CApusStarter", "CorpusFormats", "FileStorage",
                "InvertedIndex", "JSONScanning", "LearnedEncoder", "RetrievalEvaluation", "TextAnalysis",
            ], swiftSettings: strict),
        .target(
            name: "ApusReports",
            dependencies: ["Apus", "ByteStrings", "InvertedIndex", "LearnedEncoder", "RetrievalEvaluation"],
            swiftSettings: strict),
        .target(
            name: "ApusServer",
            dependencies: [
                "Apus", .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [
                .embedInCode("openapi.yaml"), .embedInCode("Page/page.css"), .embedInCode("Page/page.js"),
                .embedInCode("Page/icon.svg"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "ApusCLI",
            dependencies: [
                "Apus", "ApusBundledModel", "ApusExchange", "ApusReports", "ApusServer", "ByteStrings", "CApusStarter",
                "CMalloc", "CorpusFormats", "FileStorage", "InvertedIndex", "LearnedEncoder", "RetrievalEvaluation",
                "TextAnalysis",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "ApusBenchmarks",
            dependencies: [
                "Apus", "ApusBundledModel", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .target(name: "CAttackShim", path: "Tests/CAttackShim", publicHeadersPath: "include"),
        .target(name: "ApusTestSupport", path: "Tests/ApusTestSupport", swiftSettings: strict),
        .testTarget(name: "ByteStringsTests", dependencies: ["ByteStrings"]),
        .testTarget(name: "ParallelWorkTests", dependencies: ["ParallelWork"]),
        .testTarget(name: "FileStorageTests", dependencies: ["CApusKernels", "FileStorage", "ApusTestSupport"]),
        .testTarget(
            name: "TextAnalysisTests", dependencies: ["ByteStrings", "JSONScanning", "TextAnalysis", "ApusTestSupport"]),
        .testTarget(
            name: "LearnedEncoderTests",
            dependencies: ["ByteStrings", "LearnedEncoder", "CApusBundledModel", "CApusKernels", "ApusTestSupport"]),
        .testTarget(
            name: "InvertedIndexTests",
            dependencies: ["ByteStrings", "InvertedIndex", "CApusKernels", "ApusTestSupport"]),
        .testTarget(
            name: "RetrievalEvaluationTests", dependencies: ["ByteStrings", "RetrievalEvaluation", "ApusTestSupport"]),
        .testTarget(
            name: "CorpusFormatsTests",
            dependencies: ["ByteStrings", "CZstd", "CorpusFormats", "JSONScanning", "ApusTestSupport"]),
        .testTarget(
            name: "ApusTests",
            dependencies: [
                "Apus", "ByteStrings", "CorpusFormats", "FileStorage", "InvertedIndex", "RetrievalEvaluation",
                "LearnedEncoder", "ApusTestSupport",
            ]),
        .testTarget(name: "CIFFTests", dependencies: ["CIFF", "CorpusFormats", "ApusTestSupport"]),
        .testTarget(
            name: "ApusExchangeTests",
            dependencies: ["Apus", "ApusExchange", "CIFF", "CorpusFormats", "InvertedIndex", "ApusTestSupport"]),
        // A client: imports Apus and nothing below it.
        .testTarget(name: "ApusClientTests", dependencies: ["Apus"]),
        .testTarget(name: "ApusCTests", dependencies: ["ApusC", "CApus", "ApusTestSupport"]),
        .testTarget(
            name: "ApusServerTests",
            dependencies: ["Apus", "ApusServer", "ApusTestSupport", .product(name: "Logging", package: "swift-log")]),
        .testTarget(name: "ApusCLITests", dependencies: ["ApusCLI", "ApusTestSupport"]),
        .testTarget(name: "AttackTests", dependencies: ["ApusTestSupport"]),
        .testTarget(
            name: "FuzzTests", dependencies: fuzzed + ["ApusTestSupport"], exclude: ["LibFuzzerEntry.swift"]),
    ],
    cLanguageStandard: .c2x
)

// Tests too, but for pointers: the expansion of #expect is not marked.
for target in package.targets where target.type == .test { target.swiftSettings = Array(strict.dropFirst()) }

// .ci/run: a warning in a target of this package is an error. Not otherwise, so that another compiler's new warnings stop nobody.
if Context.environment["APUS_WARNINGS_ARE_ERRORS"] != nil {
    for target in package.targets where ![.system, .binary, .plugin].contains(target.type) {
        target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
        target.cSettings = (target.cSettings ?? []) + [.treatAllWarnings(as: .error)]
    }
}

// Scripts/test --sanitize: the library and the tests in which readers, the writer and merges meet; 'index': those of the index alone, so
// that .ci/run can afford them; 'server': the server and its tests.
if let sanitized = Context.environment["APUS_SANITIZED_BUILD"] {
    let kept: [String: [String]] = [
        "index": ["InvertedIndexTests"], "library": ["ApusTests", "InvertedIndexTests"], "server": ["ApusServerTests"],
    ]
    var needed: Set<String> = []
    func need(_ name: String) {
        guard let target = package.targets.first(where: { $0.name == name }), needed.insert(name).inserted else {
            return
        }
        for case .byNameItem(let name, _) in target.dependencies { need(name) }
    }
    for test in kept[sanitized] ?? [] { need(test) }
    package.products.removeAll()
    package.targets.removeAll { !needed.contains($0.name) }
}

// Scripts/fuzz: the same files with libFuzzer's entry instead of the tests, and nothing else.
if Context.environment["APUS_FUZZ_BUILD"] != nil {
    package.products = [.executable(name: "apus-fuzz", targets: ["ApusFuzz"])]
    package.targets.removeAll { $0.name == "FuzzTests" }
    package.targets.append(
        .executableTarget(
            name: "ApusFuzz", dependencies: fuzzed, path: "Tests/FuzzTests", exclude: ["SeedReplayTests.swift"],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}
