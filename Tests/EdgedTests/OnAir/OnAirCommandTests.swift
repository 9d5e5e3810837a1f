import Capture
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import edged

@Suite("A program that runs beside the daemon")
struct BoundedProgramTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func shell(
        _ script: String, _ arguments: [String] = [], within limit: Duration = .seconds(300)
    ) async -> BoundedProgram.Outcome {
        await BoundedProgram(
            words: ["/bin/sh", "-c", script, folder.path("out")] + arguments, environment: ["SIGN=red lamp"],
            limit: limit
        ).run()
    }

    private func written() throws -> [String] {
        try String(contentsOfFile: folder.path("out"), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("gets its arguments as they are, and no environment but what it is given")
    func arguments() async throws {
        let script = #"for word; do echo "$word"; done > "$0"; /usr/bin/env | /usr/bin/sort >> "$0""#
        let outcome = await shell(script, ["on", "front door; exit 1"])
        #expect(outcome == .succeeded)
        let (words, variables) = (try written().prefix(2), try written().dropFirst(2))
        #expect(words == ["on", "front door; exit 1"])
        // The shell adds its own.
        let own = ["PWD=", "SHLVL=", "_=", "OLDPWD="]
        #expect(variables.filter { line in !own.contains { line.hasPrefix($0) } } == ["SIGN=red lamp"])
    }

    @Test("has no open file of the daemon's")
    func descriptors() async throws {
        let ours = try #require(FileHandle(forReadingAtPath: "/etc/passwd"))
        defer { try? ours.close() }
        // Without close-on-exec, as what a library opens may be.
        let inherited = dup(ours.fileDescriptor)
        defer { close(inherited) }
        #expect(inherited > 2)
        // The shell itself opens only what it writes to, for the length of one command.
        let outcome = await shell(#"for name in /proc/$$/fd/*; do readlink "$name"; done > "$0"; true"#)
        #expect(outcome == .succeeded)
        #expect(try !written().contains { $0.contains("passwd") })
        #expect(try written().contains("/dev/null"))
    }

    @Test("that says no, is ended, or cannot be started has failed, and it is said how")
    func failures() async throws {
        #expect(await shell("exit 3") == .failed("it ended with 3"))
        #expect(await shell("kill -TERM $$; sleep 300") == .failed("it was ended by signal 15"))
        let missing = await BoundedProgram(words: ["/no/such/lamp"], environment: [], limit: .seconds(300)).run()
        #expect(missing == .failed("/no/such/lamp: No such file or directory"))
        let empty = await BoundedProgram(words: [], environment: [], limit: .seconds(300)).run()
        #expect(empty != .succeeded)
    }

    @Test("that takes too long is killed with what it started, though the daemon ends")
    func limit() async throws {
        let task = Task { await shell(#"sleep 300 & echo $! > "$0"; wait"#, within: .milliseconds(500)) }
        task.cancel()
        #expect(await task.value == .failed("it took longer than 0.5 seconds"))
        let child = try #require(written().first.flatMap { Int32($0) })
        // Its parent is gone: whoever reaps orphans here may take a moment.
        var state = "?"
        for _ in 0..<100_000 where kill(child, 0) == 0 {
            let status = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ""
            state = status.split(separator: " ").dropFirst(2).first.map(String.init) ?? ""
            if state == "Z" || state.isEmpty { break }
        }
        #expect(kill(child, 0) != 0 || state == "Z")
    }
}

@Suite("The command of the sign beside the cameras")
struct OnAirCommandTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    @Test("is told on or off and the camera, behind its own arguments and in its environment")
    func program() {
        let command = OnAirCommand(words: ["/bin/lamp", "--red"])
        let on = command.program(for: OnAirOrder(isOn: true, camera: "front door"))
        #expect(on.words == ["/bin/lamp", "--red", "on", "front door"])
        #expect(on.environment.contains("EDGED_ON_AIR=on") && on.environment.contains("EDGED_CAMERA=front door"))
        let off = command.program(for: OnAirOrder(isOn: false, camera: ""))
        #expect(off.words == ["/bin/lamp", "--red", "off", ""] && off.environment.contains("EDGED_ON_AIR=off"))
    }

    @Test("that fails is a condition until it goes well", arguments: [true, false])
    func condition(succeeds: Bool) async throws {
        let health = HealthBoard()
        health.raise("on_air.failed", title: "of before", severity: .warning, remedy: "")
        let sign = OnAirSign(hasCommand: true)
        let command = OnAirCommand(words: [succeeds ? "/bin/true" : "/bin/false"])
        let running = Task { await command.run(sign, health: health) }
        let isSettled: () -> Bool = { sign.standing.sign == (succeeds ? .off : .failed) }
        while !isSettled() { await Task.yield() }
        let condition = health.current.first
        #expect((condition == nil) == succeeds)
        if !succeeds {
            #expect(condition?.title.contains("set to off: it ended with 1") == true)
            #expect(condition?.remedy.contains("[on_air]") == true)
        }
        running.cancel()
        await running.value
    }

    @Test("is a program by its path and its arguments; of them nothing is shown")
    func configuration() throws {
        #expect(try read("").onAir == nil)
        let read = try read("[on_air]\ncommand = [\"/usr/bin/lamp\", \"--token\", \"of the lamp\"]")
        #expect(read.onAir?.words == ["/usr/bin/lamp", "--token", "of the lamp"])
        #expect(read.entries.filter { $0.key.hasPrefix("on_air.") }.map(\.value) == ["/usr/bin/lamp"])
        #expect(ConfigCatalogue.key("on_air.command")?.effect == .restart, "central runs nothing here")
    }

    @Test(
        "anything else is refused",
        arguments: [
            "command = []", "command = [\"lamp\"]", "command = \"/usr/bin/lamp on\"",
            "command = [\"/usr/bin/lamp\", 1]",
            "comand = [\"/usr/bin/lamp\"]",
        ])
    func refused(line: String) {
        let error = #expect(throws: EdgeError.self) { try read("[on_air]\n\(line)") }
        #expect(error?.code == .configurationInvalid)
    }
}
