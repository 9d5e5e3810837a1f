import CKernels
import EdgeCore
import Synchronization

/// What changes of a large gallery cost, and what searches notice of them.
public struct GalleryChangeBench: Sendable, Codable {
    /// People in the gallery.
    public let people: Int
    /// Memory of the templates, per person, as they are searched.
    public let bytesPerPerson: Double
    /// Changes made: new people, new templates of known ones, and removals, in turn.
    public let changes: Int
    /// Time of a change, half are faster.
    public let changeMedianMs: Double
    /// The longest change.
    public let changeLongestMs: Double
    /// Time of a search while nothing changes, half are faster.
    public let quietMedianMs: Double
    /// The longest search while nothing changes: what this machine does to it by itself.
    public let quietLongestMs: Double
    /// Searches that ended while changes were made.
    public let busySearches: Int
    /// Time of a search while changes are made, half are faster.
    public let busyMedianMs: Double
    /// The longest search while changes are made.
    public let busyLongestMs: Double

    private enum CodingKeys: String, CodingKey {
        case people, changes
        case bytesPerPerson = "bytes_per_person"
        case changeMedianMs = "change_median_ms"
        case changeLongestMs = "change_longest_ms"
        case quietMedianMs = "quiet_median_ms"
        case quietLongestMs = "quiet_longest_ms"
        case busySearches = "busy_searches"
        case busyMedianMs = "busy_median_ms"
        case busyLongestMs = "busy_longest_ms"
    }

    /// Fills a gallery with `people` random people; then one thread searches it all the time, and another changes it.
    public static func run(people: Int, changes: Int = 1000) async -> GalleryChangeBench {
        let crowd = BenchCrowd(people: max(people, 3))
        let board = GalleryBoard(model: BenchCrowd.model)
        board.add((0..<crowd.people).map { crowd.record($0, of: $0) }, of: crowd.client)
        let count = max(changes, 1)
        let quiet = (0..<count).map { search(board, crowd, $0) }
        let end = End()
        async let searches = searchUntil(end, board, crowd)
        let changed = (0..<count).map { change(board, crowd, $0) }
        end.reached.store(true, ordering: .releasing)
        let busy = await searches
        return GalleryChangeBench(
            people: crowd.people,
            bytesPerPerson: Double(board.snapshot(of: crowd.client).matrix.bytes) / Double(board.count),
            changes: changed.count, changeMedianMs: BenchTime.quantile(changed, 0.5),
            changeLongestMs: BenchTime.quantile(changed, 1), quietMedianMs: BenchTime.quantile(quiet, 0.5),
            quietLongestMs: BenchTime.quantile(quiet, 1), busySearches: busy.count,
            busyMedianMs: BenchTime.quantile(busy, 0.5), busyLongestMs: BenchTime.quantile(busy, 1))
    }

    /// Tells the searches when to end.
    private final class End: Sendable {
        let reached = Atomic(false)
    }

    private static func searchUntil(_ end: End, _ board: GalleryBoard, _ crowd: BenchCrowd) async -> [Double] {
        var taken: [Double] = []
        while !end.reached.load(ordering: .acquiring) {
            taken.append(search(board, crowd, taken.count))
            // On a machine with one processor the changes need their turn.
            await Task.yield()
        }
        return taken
    }

    private static func search(_ board: GalleryBoard, _ crowd: BenchCrowd, _ number: Int) -> Double {
        let probe = crowd.template(number % crowd.people)
        return BenchTime.milliseconds { _ = board.snapshot(of: crowd.client).search(probe) }
    }

    /// Somebody new comes, somebody known is enrolled again, somebody goes.
    private static func change(_ board: GalleryBoard, _ crowd: BenchCrowd, _ number: Int) -> Double {
        let known = number &* 7919 % crowd.people
        let record = crowd.record(number.isMultiple(of: 3) ? crowd.people + number : known, of: known)
        return BenchTime.milliseconds {
            if number % 3 == 2 { board.remove(record.person.id) } else { board.replace(record) }
        }
    }
}

/// Random people of one tenant, the same for the same number.
struct BenchCrowd: Sendable {
    static let model = ModelVersion(id: "bench", version: "1")
    let people: Int
    let client = ClientID()
    private let ids: [PersonID]

    init(people: Int) {
        self.people = people
        ids = (0..<people).map { _ in PersonID() }
    }

    func template(_ number: Int) -> FaceTemplate {
        var row = [Float](repeating: 0, count: 128)
        ck_match_random(&row, 1, 128, UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        return FaceTemplate(model: Self.model, values: row)
    }

    /// Who is not among the first people gets a fresh id; the template is that of `face`.
    func record(_ number: Int, of face: Int) -> GalleryRecord {
        GalleryRecord(
            client: client,
            person: MatchedPerson(
                id: number < people ? ids[number] : PersonID(), externalID: "employee-\(number)",
                displayName: "Person of the bench \(number)"),
            templates: [template(face &+ number)])
    }
}
