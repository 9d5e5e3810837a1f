import Foundation
import Store

/// What `edged bench store` found.
struct StoreReport: Encodable {
    /// One size of gallery, closed to searchable; medians of the rounds.
    struct Size: Encodable {
        var people: Int
        var templates: Int
        var fileBytes: Int
        /// From the closed file to a store that can be used.
        var openMs: Double
        /// From there to the first search.
        var loadMs: Double
        /// One search of everybody.
        var searchMs: Double
        /// Memory that stays while everybody can be found.
        var residentBytes: Int
        /// The most memory on the way there.
        var peakBytes: Int

        init(people: Int, templates: Int, fileBytes: Int, openings: [StoreOpening]) {
            func median<Value: Comparable>(_ value: (StoreOpening) -> Value, _ none: Value) -> Value {
                let sorted = openings.map(value).sorted()
                return sorted.isEmpty ? none : sorted[sorted.count / 2]
            }
            self.people = people
            self.templates = templates
            self.fileBytes = fileBytes
            openMs = median(\.openMs, 0)
            loadMs = median(\.loadMs, 0)
            searchMs = median(\.searchMs, 0)
            residentBytes = median(\.residentBytes, 0)
            peakBytes = median(\.peakBytes, 0)
        }
    }

    var directory: String
    var fileSystem: String?
    var rounds: Int
    var bareSync: StoreBench.BareSync
    var appends: [StoreBench.Appends]
    var events: [StoreBench.EventBytes]
    var sizes: [Size]

    func tell() {
        Output.line(
            "\(fileSystem ?? "unknown file system"), 4 KiB and a sync: p50 \(ms(bareSync.p50Ms)) p99 \(ms(bareSync.p99Ms)) ms"
        )
        if fileSystem == "tmpfs" { Output.line("this is memory, not a disk: choose another --directory") }
        Output.line("")
        Output.table(
            [["SHARE A COMMIT", "WRITERS", "COMMITS/s", "P50 ms", "P99 ms"]]
                + appends.map {
                    [
                        "\($0.groupCommit)", "\($0.writers)", String(format: "%.0f", $0.commitsPerSecond),
                        ms($0.p50Ms), ms($0.p99Ms),
                    ]
                })
        Output.line("")
        Output.table(
            [["EVENT", "WRITERS", "BYTES TO DISK", "BYTES WRITTEN"]]
                + events.map {
                    [
                        $0.event, "\($0.writers)", String(format: "%.0f", $0.bytesToDisk),
                        String(format: "%.0f", $0.bytesWritten),
                    ]
                })
        Output.line("")
        Output.table(
            [["PEOPLE", "TEMPLATES", "FILE MB", "OPEN ms", "LOAD ms", "SEARCH ms", "MEMORY MB", "PEAK MB"]]
                + sizes.map {
                    [
                        "\($0.people)", "\($0.templates)", megabytes($0.fileBytes), ms($0.openMs), ms($0.loadMs),
                        ms($0.searchMs), megabytes($0.residentBytes), megabytes($0.peakBytes),
                    ]
                })
    }

    private func ms(_ value: Double) -> String { String(format: "%.2f", value) }

    private func megabytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1e6) }
}
