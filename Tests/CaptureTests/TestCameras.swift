import Foundation
import Testing

@testable import Capture

/// Programs of the machine that the V4L2 tests run on.
enum Machine {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ command: String...) throws {
        let process = try start(command)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(command.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
    }

    static func start(_ command: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }
}

/// A USB camera made of software behind the real USB video driver; ending it is pulling the plug.
struct FakeUSBCamera {
    let path: String
    private let process: Process

    static func plugIn(serial: String, _ options: String...) async throws -> FakeUSBCamera {
        for module in ["dummy_hcd", "raw_gadget", "uvcvideo"] { try Machine.run("modprobe", module) }
        let process = try Machine.start(["uvcfake", "-s", serial] + options)
        var path: String?
        try await eventually("the camera appears") {
            path = CameraCatalog.devices().first { $0.driver == "uvcvideo" && $0.isCamera }?.path
            return path != nil
        }
        return FakeUSBCamera(path: try #require(path), process: process)
    }

    func unplug() {
        guard process.isRunning else { return }
        // A plug is pulled without warning.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// The kernel's virtual camera, with controls that make it fail.
enum Vivid {
    static func load() async throws -> String {
        try Machine.run("modprobe", "vivid", "n_devs=1", "node_types=0x1", "input_types=0x0", "num_inputs=1")
        var path: String?
        try await eventually("vivid appears") {
            path = CameraCatalog.devices().first { $0.driver == "vivid" && $0.isCamera }?.path
            return path != nil
        }
        return try #require(path)
    }

    /// A configuration in which it may take the place of a camera.
    static func camera(_ device: String) -> CameraConfiguration {
        var configuration = CameraConfiguration(name: "door", source: .device(device))
        configuration.allowsVirtual = true
        return configuration
    }

    static func unload() {
        // Another test will say so if it stays loaded.
        try? Machine.run("modprobe", "-r", "vivid")
    }
}
