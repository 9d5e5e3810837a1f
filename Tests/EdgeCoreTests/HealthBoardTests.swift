import EdgeCore
import EdgeTesting
import Testing

@Suite("Health board")
struct HealthBoardTests {
    private let clock = ManualClock()

    @Test("a condition that is raised again keeps its beginning and takes the newer text")
    func keepsSince() throws {
        let board = HealthBoard(clock: clock)
        let begin = clock.wall
        board.raise("store.disk.full", title: "1 MiB left", severity: .warning, remedy: "Free space.")
        clock.advance(by: .seconds(90))
        board.raise("store.disk.full", title: "0 MiB left", severity: .error, remedy: "Free space now.")

        let condition = try #require(board.current.first)
        #expect(board.current.count == 1)
        #expect(condition.since == begin)
        #expect(condition.title == "0 MiB left")
        #expect(condition.severity == .error)
        #expect(condition.remedy == "Free space now.")
    }

    @Test("a condition that ended and comes back begins anew")
    func sinceStartsAgain() throws {
        let board = HealthBoard(clock: clock)
        board.raise(EdgeError(.cameraMissing), subject: "front")
        board.clear("capture.device.missing", subject: "front")
        #expect(board.current.isEmpty)
        clock.advance(by: .seconds(5))
        board.raise(EdgeError(.cameraMissing), subject: "front")
        #expect(try #require(board.current.first).since == clock.wall)
    }

    @Test("the worst comes first, then the oldest, then by code")
    func order() {
        let board = HealthBoard(clock: clock)
        board.raise("b.info", title: "t", severity: .info, remedy: "r")
        clock.advance(by: .seconds(1))
        board.raise("old.warning", title: "t", severity: .warning, remedy: "r")
        clock.advance(by: .seconds(1))
        board.raise("z.error", title: "t", severity: .error, remedy: "r")
        board.raise("a.error", title: "t", severity: .error, remedy: "r")
        board.raise("new.warning", title: "t", severity: .warning, remedy: "r")
        #expect(board.current.map(\.code) == ["a.error", "z.error", "old.warning", "new.warning", "b.info"])
    }

    @Test("the same code may hold for several subjects, and each ends by itself")
    func subjectsAreSeparate() {
        let board = HealthBoard(clock: clock)
        board.raise(EdgeError(.cameraMissing), subject: "front")
        board.raise(EdgeError(.cameraMissing), subject: "back")
        board.raise(EdgeError(.cameraMissing))
        board.clear("capture.device.missing", subject: "front")
        #expect(Set(board.current.map(\.subject)) == ["back", nil])
    }

    @Test("clearing a subject ends all its conditions and nobody else's")
    func clearsASubject() {
        let board = HealthBoard(clock: clock)
        board.raise(EdgeError(.cameraMissing), subject: "front")
        board.raise(EdgeError(.cameraStalled), subject: "front")
        board.raise(EdgeError(.cameraStalled), subject: "back")
        board.raise(EdgeError(.storeFull))
        board.clear(subject: "front")
        #expect(
            Set(board.current.map { "\($0.code) \($0.subject ?? "-")" }) == [
                "capture.stream.stalled back", "store.disk.full -",
            ])
    }

    @Test("clearing what does not hold changes nothing")
    func clearsNothing() {
        let board = HealthBoard(clock: clock)
        board.raise(EdgeError(.storeFull))
        board.clear("store.corrupt")
        board.clear("store.disk.full", subject: "front")
        board.clear(subject: "front")
        #expect(board.current.map(\.code) == ["store.disk.full"])
    }

    @Test("an error raises its code, its detail and its remedy")
    func raisesAnError() throws {
        let board = HealthBoard(clock: clock)
        board.raise(EdgeError(.storeFull, "0 bytes left in the store's directory."), severity: .warning)
        let condition = try #require(board.current.first)
        #expect(condition.code == "store.disk.full")
        #expect(condition.title == "0 bytes left in the store's directory.")
        #expect(condition.remedy == ErrorCode.storeFull.remedy)
        #expect(condition.severity == .warning)
    }

    @Test("many rooms may raise and clear at the same time")
    func isSafeUnderConcurrency() async {
        let board = HealthBoard(clock: clock)
        await withTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    for round in 0..<200 {
                        board.raise("x.\(round)", subject: "\(worker)", title: "t", severity: .info, remedy: "r")
                        if round > 0 { board.clear("x.\(round)", subject: "\(worker)") }
                    }
                }
            }
        }
        #expect(board.current.count == 8)
        #expect(Set(board.current.map(\.code)) == ["x.0"])
    }
}
