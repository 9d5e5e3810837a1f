import EdgeCore
import Synchronization
import Testing

@testable import Capture

@Suite("When the sign beside the cameras goes on and off")
struct OnAirMachineTests {
    private let start = FrameClock().now

    private func at(_ milliseconds: Int) -> FrameClock.Instant { start.advanced(by: .milliseconds(milliseconds)) }

    /// A machine whose sign is off.
    private func dark() -> OnAirMachine {
        var machine = OnAirMachine(hasCommand: true)
        let order = OnAirOrder(isOn: false, camera: "")
        let step = machine.next(at: start)
        #expect(step == .run(order), "a daemon that was killed may have left it on")
        machine.ended(order, isDone: true, at: start)
        return machine
    }

    @Test("no frame goes to anybody before the sign is on, which takes one order for all cameras")
    func signFirst() {
        var machine = dark()
        let first = machine.frameIsReady(of: "door", at: at(0))
        #expect(!first.mayGo && first.isNews)
        let on = OnAirOrder(isOn: true, camera: "door")
        let step = machine.next(at: at(0))
        #expect(step == .run(on) && machine.standing.sign == .changing)
        let second = machine.frameIsReady(of: "side", at: at(10))
        #expect(!second.mayGo && !second.isNews)
        machine.ended(on, isDone: true, at: at(20))
        for camera in ["door", "side"] {
            let frame = machine.frameIsReady(of: camera, at: at(21))
            #expect(frame.mayGo && !frame.isNews)
        }
        let rest = machine.next(at: at(21))
        #expect(rest == .rest)
        #expect(machine.standing == OnAirStanding(isOnAir: true, cameras: ["door", "side"], sign: .on))
    }

    @Test("a command that hangs holds frames back for half a second, and one that fails no longer than it takes")
    func patience() {
        var slow = dark()
        _ = slow.frameIsReady(of: "door", at: at(0))
        _ = slow.next(at: at(0))
        let waits = [100, 499, 500, 501].map { slow.frameIsReady(of: "door", at: at($0)).mayGo }
        #expect(waits == [false, false, true, true])
        var failing = dark()
        _ = failing.frameIsReady(of: "door", at: at(0))
        _ = failing.next(at: at(0))
        failing.ended(OnAirOrder(isOn: true, camera: "door"), isDone: false, at: at(50))
        let frame = failing.frameIsReady(of: "door", at: at(51))
        #expect(frame.mayGo && failing.standing.sign == .failed)
    }

    @Test("it goes off with the last camera, and not within two seconds of having gone on")
    func off() {
        var machine = dark()
        _ = machine.frameIsReady(of: "door", at: at(0))
        _ = machine.next(at: at(0))
        machine.ended(OnAirOrder(isOn: true, camera: "door"), isDone: true, at: at(10))
        _ = machine.frameIsReady(of: "side", at: at(20))
        let isNewsOfOne = machine.stopped("door")
        #expect(!isNewsOfOne && machine.standing.isOnAir)
        let isNewsOfLast = machine.stopped("side")
        let isNewsAgain = machine.stopped("side")
        #expect(isNewsOfLast && !isNewsAgain)
        let early = machine.next(at: at(500))
        #expect(early == .wait(until: at(2000)))
        let due = machine.next(at: at(2000))
        #expect(due == .run(OnAirOrder(isOn: false, camera: "side")))
    }

    @Test("who comes back while it is still on is shown at once, and nothing is run")
    func comesBack() {
        var machine = dark()
        _ = machine.frameIsReady(of: "door", at: at(0))
        _ = machine.next(at: at(0))
        machine.ended(OnAirOrder(isOn: true, camera: "door"), isDone: true, at: at(10))
        for time in stride(from: 100, to: 2000, by: 100) {
            _ = machine.stopped("door")
            let frame = machine.frameIsReady(of: "door", at: at(time))
            let step = machine.next(at: at(time))
            #expect(frame.mayGo && step == .rest)
        }
    }

    @Test("who comes while it goes off waits until it is on again: the last word counts")
    func lastWord() {
        var machine = dark()
        _ = machine.frameIsReady(of: "door", at: at(0))
        _ = machine.next(at: at(0))
        machine.ended(OnAirOrder(isOn: true, camera: "door"), isDone: true, at: at(10))
        _ = machine.stopped("door")
        let goesOff = machine.next(at: at(3000))
        #expect(goesOff == .run(OnAirOrder(isOn: false, camera: "door")))
        let frame = machine.frameIsReady(of: "side", at: at(3001))
        let busy = machine.next(at: at(3001))
        #expect(!frame.mayGo && busy == .rest)
        machine.ended(OnAirOrder(isOn: false, camera: "door"), isDone: true, at: at(3100))
        let goesOn = machine.next(at: at(3100))
        #expect(goesOn == .run(OnAirOrder(isOn: true, camera: "side")))
    }

    @Test("what failed is tried again after half a minute, and each time that somebody comes anew")
    func retries() {
        var machine = dark()
        let on = OnAirOrder(isOn: true, camera: "door")
        _ = machine.frameIsReady(of: "door", at: at(0))
        _ = machine.next(at: at(0))
        machine.ended(on, isDone: false, at: at(10))
        let early = machine.next(at: at(11))
        #expect(early == .wait(until: at(30_010)))
        let again = machine.next(at: at(30_010))
        #expect(again == .run(on))
        machine.ended(on, isDone: false, at: at(30_020))
        _ = machine.stopped("door")
        let frame = machine.frameIsReady(of: "door", at: at(33_000))
        let step = machine.next(at: at(33_000))
        #expect(!frame.mayGo && step == .run(on), "it gets its time again")
        machine.ended(on, isDone: false, at: at(33_010))
        _ = machine.stopped("door")
        let soon = machine.frameIsReady(of: "door", at: at(33_020))
        let none = machine.next(at: at(33_020))
        #expect(soon.mayGo && none == .wait(until: at(63_010)), "not each time that somebody comes at once")
    }

    @Test("at the end it goes off at once, whatever was, and once")
    func end() {
        var machine = dark()
        _ = machine.frameIsReady(of: "door", at: at(0))
        _ = machine.next(at: at(0))
        machine.ended(OnAirOrder(isOn: true, camera: "door"), isDone: true, at: at(10))
        machine.end()
        let off = OnAirOrder(isOn: false, camera: "door")
        let step = machine.next(at: at(20))
        #expect(step == .run(off))
        machine.ended(off, isDone: false, at: at(30))
        let rest = machine.next(at: at(31))
        #expect(rest == .rest)
        var untouched = dark()
        untouched.end()
        let nothing = untouched.next(at: at(40))
        #expect(nothing == .rest)
    }

    @Test("without a command nothing waits and nothing is run, and it is known who is read")
    func noCommand() {
        var machine = OnAirMachine(hasCommand: false)
        let frame = machine.frameIsReady(of: "door", at: start)
        let step = machine.next(at: start)
        #expect(frame.mayGo && step == .rest)
        #expect(machine.standing == OnAirStanding(isOnAir: true, cameras: ["door"], sign: .none))
        _ = machine.stopped("door")
        #expect(machine.standing == OnAirStanding(isOnAir: false, cameras: [], sign: .none))
    }
}

@Suite("Frames and the sign beside the cameras")
struct OnAirSignTests {
    /// A command that a test ends, and what it was told.
    private final class Lamp: Sendable {
        private let orders = Mutex<[OnAirOrder]>([])
        private let (results, result) = AsyncStream.makeStream(of: Bool.self)

        var seen: [OnAirOrder] { orders.withLock { $0 } }
        var isOn: Bool? { seen.last?.isOn }
        func finish(_ isDone: Bool) { result.yield(isDone) }

        /// Comes back when the test says so, though the daemon ends.
        func show(_ order: OnAirOrder) async -> Bool {
            orders.withLock { $0.append(order) }
            let results = results
            return await Task { await results.first { _ in true } ?? false }.value
        }
    }

    private let picture = EncodedImage(encoding: .grey, width: 1, height: 1, stride: 1, bytes: [0])
    private let lamp = Lamp()

    private func hub(_ sign: OnAirSign) -> CameraHub {
        CameraHub(CameraStatus(name: "door", device: "", kind: "v4l2"), sign: sign)
    }

    /// A sign that is run while `body` does.
    private func running(
        _ pace: OnAirMachine.Pace, _ body: (OnAirSign) async throws -> Void
    ) async throws {
        let sign = OnAirSign(hasCommand: true, pace: pace)
        let task = Task { [lamp] in await sign.run { await lamp.show($0) } }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(sign)) } catch { outcome = .failure(error) }
        task.cancel()
        lamp.finish(true)
        lamp.finish(true)
        await task.value
        try outcome.get()
    }

    private func give(_ hub: CameraHub) { hub.deliver(picture, capturedAt: FrameClock().now, skipped: 0) }

    @Test("a reader sees the first frame after the sign is on, and those before it are counted")
    func signFirst() async throws {
        try await running(OnAirMachine.Pace(patience: .seconds(3600), hold: .zero)) { sign in
            try await eventually("it is put out at the start") { lamp.isOn == false }
            lamp.finish(true)
            try await eventually("it is out") { sign.standing.sign == .off }
            let hub = hub(sign)
            give(hub)
            #expect(!hub.handsOut && !sign.standing.isOnAir, "nobody reads")
            let mailbox = hub.subscribe()
            #expect(!sign.standing.isOnAir, "there is no frame for anybody yet")
            #expect(!hub.handsOut)
            give(hub)
            try await eventually("it is told") { lamp.seen.last == OnAirOrder(isOn: true, camera: "door") }
            give(hub)
            lamp.finish(true)
            try await eventually("it is on") { sign.standing.sign == .on }
            #expect(hub.handsOut)
            give(hub)
            #expect(try await mailbox.take(1).map(\.sequence) == [3], "what came before was held back")
            #expect(hub.status.frames == 4 && sign.standing.cameras == ["door"])
            mailbox.finish()
            try await eventually("it is told that nobody reads") { lamp.isOn == false }
            #expect(!sign.standing.isOnAir)
        }
    }

    @Test("a sign that fails or hangs keeps frames from nobody for long", arguments: [true, false])
    func brokenSign(fails: Bool) async throws {
        let pace = OnAirMachine.Pace(patience: fails ? .seconds(3600) : .milliseconds(20))
        try await running(pace) { sign in
            try await eventually("it is put out at the start") { lamp.isOn == false }
            lamp.finish(true)
            let hub = hub(sign)
            let mailbox = hub.subscribe()
            try await eventually("it is told") {
                give(hub)
                return lamp.isOn == true
            }
            if fails { lamp.finish(false) }
            try await eventually("frames go") { hub.handsOut }
            give(hub)
            #expect(try await mailbox.take(1).count == 1)
            #expect(sign.standing.sign == (fails ? .failed : .changing))
        }
    }

    @Test("a camera that fails puts it out, and one that comes back lights it again")
    func faults() async throws {
        try await running(OnAirMachine.Pace(patience: .zero, hold: .zero)) { sign in
            try await eventually("it is put out at the start") { lamp.isOn == false }
            lamp.finish(true)
            let hub = hub(sign)
            let mailbox = hub.subscribe()
            let sink = FrameSink(
                camera: "door", hub: hub, health: HealthBoard(), log: .silent,
                backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5)))
            for round in 0..<2 {
                sink.deliver(picture, capturedAt: FrameClock().now)
                try await eventually("on") { lamp.seen.count == 2 + 2 * round && lamp.isOn == true }
                lamp.finish(true)
                try await eventually("it is on") { sign.standing.sign == .on }
                _ = sink.failed(EdgeError(.cameraMissing))
                #expect(!sign.standing.isOnAir)
                try await eventually("off") { lamp.isOn == false }
                lamp.finish(true)
                try await eventually("it is off") { sign.standing.sign == .off }
            }
            mailbox.finish()
        }
    }

    @Test("it is put out when the daemon ends")
    func end() async throws {
        try await running(OnAirMachine.Pace(patience: .zero)) { sign in
            try await eventually("it is put out at the start") { lamp.isOn == false }
            lamp.finish(true)
            let hub = hub(sign)
            let mailbox = hub.subscribe()
            give(hub)
            try await eventually("on") { lamp.isOn == true }
            lamp.finish(true)
            try await eventually("it is on") { sign.standing.sign == .on }
            withExtendedLifetime(mailbox) {}
        }
        #expect(lamp.seen.map(\.isOn) == [false, true, false])
    }
}
