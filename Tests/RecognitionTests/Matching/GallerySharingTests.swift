import EdgeCore
import Testing

@testable import Recognition

@Suite("Changes of a large gallery")
struct GallerySharingTests {
    private static let people = 2 * GalleryChunk.capacity + 7

    @Test("somebody new, new templates and a removal each copy little and share all the rest")
    func changesShare() throws {
        let crowd = BenchCrowd(people: Self.people)
        let before = GallerySnapshot(
            model: BenchCrowd.model, records: (0..<Self.people).map { crowd.record($0, of: $0) })
        let first = crowd.record(3, of: 4)
        // Rows of one chunk, dictionaries of both indexes; a removal moves the last row into another chunk.
        #expect(copied(from: before, to: before.replacing(first)) == Copied(rows: 1, people: 1, shards: 1...1))
        let newcomer = before.replacing(crowd.record(Self.people, of: 0))
        #expect(copied(from: before, to: newcomer) == Copied(rows: 1, people: 1, shards: 2...2))
        #expect(copied(from: before, to: before.removing(first.person.id)) == Copied(rows: 2, people: 2, shards: 2...4))
        #expect(copied(from: before, to: before.removing(PersonID())) == Copied(rows: 0, people: 0, shards: 0...0))
    }

    @Test("any order of changes over the ends of chunks gives what the rows that are left give")
    func changesOverChunks() throws {
        let start = GalleryChunk.capacity + 20
        let pool = Rows.random(2000, 16, seed: 51)
        var matrix = GalleryMatrix()
        var mirror: [[Float]] = []
        for index in 0..<start {
            mirror.append(Rows.row(index, of: pool, 16))
            matrix.append(mirror[index])
        }
        var random = SeededGenerator(seed: 52)
        for step in 0..<200 {
            let row = Int.random(in: 0..<mirror.count, using: &random)
            let fresh = Rows.row(start + step, of: pool, 16)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                matrix.append(fresh)
                mirror.append(fresh)
            case 1:
                matrix.replace(row, with: fresh)
                mirror[row] = fresh
            default:
                matrix.remove(row)
                mirror.swapAt(row, mirror.count - 1)
                mirror.removeLast()
            }
            #expect(matrix.count == mirror.count)
            let built = GalleryMatrix(rows: mirror.flatMap { $0 }, dimension: 16)
            #expect(matrix.nearest(to: fresh) == built.nearest(to: fresh))
        }
        #expect(matrix.chunks.count == 1)
        while matrix.count > 0 { matrix.remove(0) }
        #expect(matrix.chunks.isEmpty && matrix.nearest(to: mirror[0]) == nil)
    }

    @Test("the memory of a removed row, which the array keeps, holds nothing of it any more")
    func removalOverwrites() throws {
        var matrix = GalleryMatrix(rows: Rows.random(9, 128, seed: 61), dimension: 128)
        let before = try #require(matrix.chunks.first).codes.withUnsafeBufferPointer { Set([$0.baseAddress]) }
        matrix.remove(2)
        matrix.remove(7)
        let chunk = try #require(matrix.chunks.first)
        #expect(chunk.count == 7)
        // Beyond the count, within what was asked for.
        let isEmpty = chunk.codes.withUnsafeBufferPointer { codes in
            before.contains(codes.baseAddress) && (7 * 128..<9 * 128).allSatisfy { codes.baseAddress?[$0] == 0 }
        }
        let isEmptyBelow = chunk.fines.withUnsafeBufferPointer { fines in
            (7 * 128..<9 * 128).allSatisfy { fines.baseAddress?[$0] == 0 }
        }
        #expect(isEmpty && isEmptyBelow)
    }

    @Test("a small gallery takes little memory, and a large one 392 bytes for each person's template")
    func memory() {
        #expect(GalleryMatrix(rows: Rows.random(5, 128, seed: 71), dimension: 128).bytes < 8 * 400)
        let large = GalleryMatrix(rows: Rows.random(Self.people, 128, seed: 72), dimension: 128)
        #expect(large.bytes / Self.people < 400)
        var grown = GalleryMatrix()
        for index in 0..<GalleryChunk.capacity { grown.append(Rows.random(1, 128, seed: UInt64(index))) }
        #expect(grown.bytes / grown.count < 400)
    }

    @Test("searches that run while a thousand changes are made find who is there, always")
    func searchesGoOn() async throws {
        let crowd = BenchCrowd(people: 300)
        let board = GalleryBoard(model: BenchCrowd.model)
        board.add((0..<300).map { crowd.record($0, of: $0) }, of: crowd.client)
        // The first hundred stay; everybody else comes and goes.
        async let found = withTaskGroup(of: Int.self) { group in
            for part in 0..<4 {
                group.addTask {
                    var found = 0
                    for number in 0..<250 {
                        let person = (part * 25 + number) % 100
                        let record = crowd.record(person, of: person)
                        let match = board.snapshot(of: crowd.client).search(record.templates[0])
                        if match?.person == record.person, match.map({ abs($0.score - 1) < 1e-6 }) == true {
                            found += 1
                        }
                        await Task.yield()
                    }
                    return found
                }
            }
            return await group.reduce(0, +)
        }
        for number in 0..<1000 {
            let record = crowd.record(100 + number % 200, of: number)
            if number.isMultiple(of: 2) { board.replace(record) } else { board.remove(record.person.id) }
            await Task.yield()
        }
        #expect(await found == 1000)
        #expect(board.count == 200)
    }

    @Test("the bench of changes tells of all changes, and of searches beside them")
    func bench() async {
        let bench = await GalleryChangeBench.run(people: 1500, changes: 60)
        #expect(bench.people == 1500 && bench.changes == 60)
        #expect(bench.bytesPerPerson > 392 && bench.bytesPerPerson < 800)
        #expect(bench.changeMedianMs > 0 && bench.changeMedianMs <= bench.changeLongestMs)
        #expect(bench.quietMedianMs > 0 && bench.quietMedianMs <= bench.quietLongestMs)
        #expect(bench.busyMedianMs <= bench.busyLongestMs)
    }

    private struct Copied: Equatable {
        var rows: Int
        var people: Int
        var shards: ClosedRange<Int>

        static func == (left: Copied, right: Copied) -> Bool {
            left.rows == right.rows && left.people == right.people && left.shards.overlaps(right.shards)
        }
    }

    private func copied(from old: GallerySnapshot, to new: GallerySnapshot) -> Copied {
        let shards =
            fresh(old.rowOfPerson.shards.map(address), new.rowOfPerson.shards.map(address))
            + fresh(old.rowOfExternalID.shards.map(address), new.rowOfExternalID.shards.map(address))
        return Copied(
            rows: fresh(old.matrix.chunks.map(\.fines).map(address), new.matrix.chunks.map(\.fines).map(address)),
            people: fresh(old.people.chunks.map(address), new.people.chunks.map(address)), shards: shards...shards)
    }

    private func fresh(_ old: [UInt], _ new: [UInt]) -> Int { Set(new).subtracting(old).count }

    private func address<Element>(_ array: [Element]) -> UInt {
        array.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }

    /// A dictionary is one reference to its storage.
    private func address<Key, Value>(_ dictionary: [Key: Value]) -> UInt {
        withUnsafeBytes(of: dictionary) { $0.loadUnaligned(as: UInt.self) }
    }
}
