public import EdgeCore

/// What it takes to make all people of a store searchable, as the daemon does at its start.
public struct GalleryLoadBench: Sendable, Codable {
    /// Who can be found.
    public let people: Int
    /// From the first row read to the first search that can be answered.
    public let loadMs: Double
    /// One search of everybody, half are faster.
    public let searchMs: Double

    /// Loads everybody and searches; `whileLoaded` runs while the gallery stands.
    public static func run(
        _ templates: any TemplateRepository, model: ModelVersion, probes: [FaceTemplate],
        whileLoaded: () -> Void = {}
    ) async throws(EdgeError) -> GalleryLoadBench {
        let clock = FrameClock()
        let board = GalleryBoard(model: model)
        let began = clock.now
        try await board.load(templates)
        let loaded = clock.now - began
        let gallery = board.largest
        let taken = probes.map { probe in
            let start = clock.now
            _ = gallery.search(probe)
            return milliseconds(clock.now - start)
        }
        whileLoaded()
        return GalleryLoadBench(
            people: board.count, loadMs: milliseconds(loaded),
            searchMs: taken.isEmpty ? 0 : taken.sorted()[taken.count / 2])
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) * 1e-15
    }
}
