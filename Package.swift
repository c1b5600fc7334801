// swift-tools-version: 6.2

import PackageDescription

/// One set of settings for every target of the project.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Generated code compiles under its generator's rules, not under ours.
let generatedSettings: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
/// The C interface of SQLite.
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(
    name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(
    name: "NIOHTTPTypes", package: "swift-nio-extras")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")

// A target depends only on targets declared above it; `tools/check` compares the imports.
let package = Package(
    name: "lianhu",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "lianhu", targets: ["lianhu"]),
        .executable(name: "lianhu-server", targets: ["lianhu-server"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.94.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Linked statically (by their module maps): every library that is loaded delays every command.
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CEdit", providers: [.apt(["libedit-dev"])]),
        .systemLibrary(name: "CCurses", providers: [.apt(["libncurses-dev"])]),
        // These two load their libraries themselves, when a command needs them.
        .target(name: "CCurl"),
        .target(name: "CXlsxWriter"),
        .target(name: "SurveyModel", swiftSettings: settings),
        .target(
            name: "SurveyProtobuf", dependencies: [protobuf], swiftSettings: generatedSettings),
        .target(
            name: "SurveyLog", dependencies: ["SurveyModel", "SurveyProtobuf", crypto, protobuf],
            swiftSettings: settings),
        .target(
            name: "SurveyMerge", dependencies: ["SurveyModel", "SurveyLog"],
            swiftSettings: settings),
        .target(
            name: "SurveyCoverage", dependencies: ["SurveyModel", "SurveyMerge"],
            swiftSettings: settings),
        .target(
            name: "SurveyProjection",
            dependencies: ["SurveyModel", "SurveyMerge", "SurveyCoverage"],
            swiftSettings: settings),
        .target(
            name: "SurveyWire",
            dependencies: [
                "SurveyModel", "SurveyProtobuf", "SurveyLog", "CZstd", crypto, protobuf,
            ],
            swiftSettings: settings),
        .target(
            name: "SurveySync", dependencies: ["SurveyModel", "SurveyLog", "SurveyWire"],
            swiftSettings: settings),
        .target(
            name: "SurveyStore",
            dependencies: [
                "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyCoverage", "SurveyProjection",
                crypto, grdb, sqlite,
            ], swiftSettings: settings),
        .target(
            name: "FieldStore",
            dependencies: [
                "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyCoverage", "SurveyWire",
                "SurveySync", "SurveyStore", grdb,
            ],
            swiftSettings: settings),
        .target(
            name: "ServerStore",
            dependencies: [
                "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyCoverage", "SurveyWire",
                "SurveySync", "SurveyStore", grdb,
            ],
            swiftSettings: settings),
        .target(
            name: "SurveyConsole",
            dependencies: ["SurveyModel", "SurveyCoverage", "SurveyStore", "CEdit", arguments],
            swiftSettings: settings),
        .target(
            name: "FieldClient",
            dependencies: [
                "SurveyConsole",
                "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyCoverage", "SurveyWire",
                "SurveySync", "SurveyStore", "FieldStore", "CCurl", "CCurses", "CXlsxWriter",
                arguments, toml,
            ],
            swiftSettings: settings),
        .target(
            name: "SyncServer",
            dependencies: [
                "SurveyConsole",
                "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyCoverage", "SurveyWire",
                "SurveySync", "SurveyStore", "ServerStore", arguments, logging, lifecycle,
                hummingbird, hummingbirdCore, hummingbirdTLS, httpTypes, nioCore, nioHTTPTypes,
                nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "TestSupport", dependencies: ["SurveyModel", "SurveyLog", crypto],
            path: "Tests/TestSupport", swiftSettings: settings),
        .target(name: "CFaultyDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "FleetSimulator",
            dependencies: [
                "CFaultyDisk", "SurveyConsole", "SurveyModel", "SurveyLog", "SurveyMerge",
                "SurveyCoverage",
                "SurveyWire", "SurveySync", "SurveyStore", "FieldStore", "ServerStore",
                "TestSupport", grdb, arguments,
            ],
            swiftSettings: settings),
        .target(
            name: "ProtocolVectors",
            dependencies: [
                "SurveyConsole", "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyWire",
                "SurveySync", "FieldStore", "ServerStore", "TestSupport", arguments,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "protocol-vectors", dependencies: ["ProtocolVectors"], swiftSettings: settings),
        .executableTarget(
            name: "fleet-simulator", dependencies: ["FleetSimulator"], swiftSettings: settings),
        .executableTarget(
            name: "benchmark",
            dependencies: [
                "SurveyModel", "SurveyLog", "SurveyWire", "SurveySync", "SurveyStore", "FieldStore",
                "ServerStore", "TestSupport", grdb, sqlite, arguments, crypto,
            ], swiftSettings: settings),
        .executableTarget(name: "lianhu", dependencies: ["FieldClient"], swiftSettings: settings),
        .executableTarget(
            name: "lianhu-server", dependencies: ["SyncServer"], swiftSettings: settings),
        .testTarget(
            name: "SurveyModelTests", dependencies: ["SurveyModel", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SurveyLogTests",
            dependencies: ["SurveyModel", "SurveyProtobuf", "SurveyLog", "TestSupport", protobuf],
            swiftSettings: settings),
        .testTarget(
            name: "SurveyMergeTests",
            dependencies: ["SurveyModel", "SurveyLog", "SurveyMerge", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SurveyCoverageTests",
            dependencies: [
                "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyCoverage", "TestSupport",
            ], swiftSettings: settings),
        .testTarget(
            name: "SurveyWireTests",
            dependencies: ["SurveyModel", "SurveyLog", "SurveyWire", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SurveySyncTests",
            dependencies: ["SurveyModel", "SurveyLog", "SurveyWire", "SurveySync", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "ScenarioTests",
            dependencies: [
                "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyCoverage", "SurveyWire",
                "SurveySync", "SurveyStore", "FieldStore", "ServerStore", "FieldClient",
                "SyncServer", "SurveyConsole", "SurveyProjection", "TestSupport", grdb, logging,
                arguments, crypto, nioCore, nioEmbedded,
            ], swiftSettings: settings),
        .testTarget(
            name: "ProtocolVectorsTests", dependencies: ["ProtocolVectors"],
            swiftSettings: settings),
        .testTarget(
            name: "FleetSimulatorTests",
            dependencies: [
                "FleetSimulator", "SurveyModel", "SurveyStore", "FieldStore", "ServerStore",
                "TestSupport", grdb,
            ], swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests", dependencies: ["TestSupport", "lianhu", "lianhu-server"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)

// Fuzzing needs a main function that libFuzzer brings: `tools/fuzz` builds it, and nothing else does.
if Context.environment["LIANHU_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzzing",
            dependencies: [
                "SurveyModel", "SurveyLog", "SurveyMerge", "SurveyCoverage", "SurveyStore",
                "SurveyWire",
            ],
            path: "Tests/Fuzzing", sources: ["Fuzzing.swift"],
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}
