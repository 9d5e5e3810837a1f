import EdgeCore
import EdgeTesting
import Foundation
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Room on the disk", .serialized)
struct DiskRoomTests {
    private let fixture: StoreFixture
    private let free = Free()
    private var options = StoreOptions()

    /// What the disk is said to have left.
    private final class Free: Sendable {
        let bytes = Mutex<Int64>(1 << 30)
        func become(_ count: Int64) { bytes.withLock { $0 = count } }
    }

    init() throws {
        fixture = try StoreFixture()
        options.reserveBytes = 1 << 20
        options.freeBytes = { [free] _ in free.bytes.withLock { $0 } }
    }

    private var codes: Set<String> { Set(fixture.health.current.map(\.code)) }
    private var reserve: String { "\(fixture.path)/reserve" }
    private func holdsReserve() -> Bool { FileManager.default.fileExists(atPath: reserve) }

    private func look(_ store: EdgeStore) async {
        for chore in EdgeStore.chores where chore.name == "room" { await store.perform(chore) }
    }

    @Test("a reserve is laid in, with blocks of its own and for this user alone")
    func laidIn() async throws {
        let store = try await fixture.open(options: options)
        #expect(!holdsReserve())
        await look(store)
        var facts = stat()
        #expect(stat(reserve, &facts) == 0)
        #expect(facts.st_size == 1 << 20)
        #expect(facts.st_blocks * 512 >= 1 << 20)
        #expect(facts.st_mode & 0o777 == 0o600)
        await store.close()
    }

    @Test("there is a warning before the disk is full, and it ends")
    func low() async throws {
        let store = try await fixture.open(options: options)
        await look(store)
        #expect(codes.isDisjoint(with: ["store.disk.low", "store.disk.full"]))
        free.become(3 << 19)
        await look(store)
        #expect(codes.contains("store.disk.low"))
        _ = try await store.createClient(name: "goes on")
        free.become(2 << 20)
        await look(store)
        #expect(!codes.contains("store.disk.low"))
        await store.close()
    }

    @Test("where not even the rest of the start has room, the reserve is given up for it")
    func startsByTheReserve() async throws {
        let first = try await fixture.open(options: options)
        let client = try await first.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: first)
        await look(first)
        await first.close()
        #expect(holdsReserve())
        free.become(4096)
        let store = try await fixture.open(options: options)
        #expect(!holdsReserve())
        #expect(codes.contains("store.disk.full"))
        _ = try await store.removePerson(externalID: "E-1", of: client)
        free.become(3 << 20)
        await look(store)
        #expect(holdsReserve())
        #expect(!codes.contains("store.disk.full"))
        await store.close()
    }

    @Test("a device that starts without room for the reserve writes only what must not fail")
    func startsFull() async throws {
        let first = try await fixture.open(options: options)
        let client = try await first.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: first)
        await first.close()
        free.become(100_000)
        let store = try await fixture.open(options: options)
        await look(store)
        #expect(codes.contains("store.disk.full"))
        await #expect(throws: EdgeError(.storeFull)) { try await store.createClient(name: "usual") }
        _ = try await store.removePerson(externalID: "E-1", of: client)
        free.become(2 << 20)
        await look(store)
        #expect(holdsReserve())
        #expect(!codes.contains("store.disk.full"))
        _ = try await store.createClient(name: "usual")
        await store.close()
    }

    @Test("without room in the log a usual transaction is refused and keeps the reserve, an urgent one gives it up")
    func noRoom() async throws {
        let store = try await fixture.open(options: options)
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        await look(store)
        // Nothing stands in the log that would have to be read from it.
        await store.emptyLog()
        let putBack = try OpenFile("\(fixture.path)/edged.sqlite-wal").become("/dev/full")
        await #expect(throws: EdgeError(.storeFull)) { try await store.createClient(name: "usual") }
        #expect(holdsReserve())
        #expect(codes.contains("store.disk.full"))
        // The kernel goes on saying that there is no room, so this fails too; but all was tried.
        await #expect(throws: EdgeError(.storeFull)) {
            _ = try await store.removePerson(externalID: "E-1", of: client)
        }
        #expect(!holdsReserve())
        putBack()
        await #expect(throws: EdgeError(.storeFull)) { try await store.createClient(name: "usual") }
        _ = try await store.removePerson(externalID: "E-1", of: client)
        await look(store)
        #expect(holdsReserve())
        #expect(!codes.contains("store.disk.full"))
        #expect(try await store.verify().isWhole)
        await store.close()
    }
}

@Suite("A disk that is really full", .serialized, .enabled(if: getuid() == 0, "only root can mount a small disk"))
struct FullDiskTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func run(_ tool: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: tool)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw EdgeError(.internalFault, tool) }
    }

    private func mount(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try run("/usr/bin/mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "none", path)
    }

    private func unmount(_ path: String) { try? run("/usr/bin/umount", "-l", path) }

    /// Takes all the room that is left.
    private func fill(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        var block = [UInt8](repeating: 7, count: 65536)
        for size in [65536, 4096] { while write(descriptor, &block, size) > 0 {} }
    }

    private var codes: Set<String> { Set(fixture.health.current.map(\.code)) }

    @Test("an erasure and a miss come through on the reserve, the rest is refused; with room again all goes on")
    func everything() async throws {
        try mount(fixture.path)
        defer { unmount(fixture.path) }
        var options = StoreOptions()
        options.reserveBytes = 4 << 20
        let store = try await fixture.open(options: options)
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<4 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        let session = fixture.session(.verification, of: client, user: "E-1")
        try await store.begin(session)
        for chore in EdgeStore.chores where chore.name == "room" { await store.perform(chore) }
        #expect(FileManager.default.fileExists(atPath: "\(fixture.path)/reserve"))

        try fill("\(fixture.path)/filling")
        var refused: EdgeError?
        for number in 10..<400 where refused == nil {
            do { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) } catch {
                refused = error as? EdgeError
            }
        }
        #expect(refused == EdgeError(.storeFull))
        #expect(codes.contains("store.disk.full"))
        try fill("\(fixture.path)/filling-2")
        _ = try await store.removePerson(externalID: "E-2", of: client)
        _ = try await store.finish(fixture.miss(session))
        #expect(!FileManager.default.fileExists(atPath: "\(fixture.path)/reserve"))
        await #expect(throws: EdgeError(.storeFull)) { try await store.createClient(name: "usual") }
        await store.close()

        // The end in order was noted on the last room there was.
        let again = try await fixture.open(options: options)
        #expect(try await again.person(externalID: "E-2", of: client) == nil)
        #expect(try await again.person(externalID: "E-1", of: client) != nil)
        #expect(try await again.verify().isWhole)
        try FileManager.default.removeItem(atPath: "\(fixture.path)/filling")
        for chore in EdgeStore.chores where chore.name == "room" { await again.perform(chore) }
        #expect(!codes.contains("store.disk.full"))
        _ = try await again.createClient(name: "usual")
        await again.close()
    }

    @Test("without a reserve and without a free byte the start says what is missing, and where")
    func nothingLeft() async throws {
        try mount(fixture.path)
        defer { unmount(fixture.path) }
        let first = try await fixture.open()
        _ = try await first.createClient(name: "kiosk")
        await first.close()
        try fill("\(fixture.path)/filling")
        let error = await #expect(throws: EdgeError.self) { try await fixture.open() }
        #expect(error?.code == .storeFull)
        #expect(error?.detail.contains("reserve") == true && error?.detail.contains(fixture.path) == true)
        try FileManager.default.removeItem(atPath: "\(fixture.path)/filling")
        let again = try await fixture.open()
        #expect(try await again.verify().isWhole)
        await again.close()
    }

    @Test("a damaged store is not mended on a full disk, and is as soon as there is room")
    func mending() async throws {
        let damaged = try RecoveryFixture()
        try mount(damaged.base.path)
        defer { unmount(damaged.base.path) }
        try await damaged.fill()
        try damaged.damage.overwrite([try #require(damaged.damage.pages(of: "templates").last)])
        let before = try Data(contentsOf: URL(filePath: damaged.file))
        try fill("\(damaged.base.path)/filling")
        let error = await #expect(throws: EdgeError.self) { try await damaged.base.open() }
        #expect(error?.code == .storeFull)
        #expect(try Data(contentsOf: URL(filePath: damaged.file)) == before)
        #expect(try damaged.kept() == [])
        #expect(try damaged.leftovers() == [])
        try FileManager.default.removeItem(atPath: "\(damaged.base.path)/filling")
        let store = try await damaged.base.open()
        #expect(try await damaged.report(store)?.rung == .salvage)
        #expect(try await damaged.isWholeOnceAccepted(store))
        await store.close()
    }
}
