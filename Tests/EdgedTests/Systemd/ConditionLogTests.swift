import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import EdgeCore
@testable import edged

@Suite("The log of conditions")
struct ConditionLogTests {
    /// Keeps what is logged.
    private final class Kept: LogHandler, Sendable {
        let lines = Mutex<[String]>([])
        var logLevel: Logger.Level {
            get { .trace }
            set { _ = newValue }
        }
        var metadata: Logger.Metadata {
            get { [:] }
            set { _ = newValue }
        }
        subscript(metadataKey _: String) -> Logger.Metadata.Value? {
            get { nil }
            set { _ = newValue }
        }
        func log(event: LogEvent) {
            let code = event.metadata?["code"].map { "\($0)" } ?? ""
            lines.withLock { $0.append("\(event.level) \(code) \(event.message)") }
        }
        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    private func condition(_ code: String, _ severity: HealthCondition.Severity) -> HealthCondition {
        HealthCondition(
            code: code, subject: nil, title: "Text of \(code).", severity: severity, since: Date(), remedy: "")
    }

    @Test("tells a beginning and an end once, and a change for the worse")
    func told() {
        let kept = Kept()
        var log = ConditionLog(Logger(label: "test") { _ in kept })
        log.tell([condition("a", .warning)])
        log.tell([condition("a", .warning)])
        #expect(kept.take() == ["warning a Text of a."])
        log.tell([condition("a", .error), condition("b", .info)])
        #expect(kept.take() == ["error a Text of a.", "notice b Text of b."])
        log.tell([condition("b", .info)])
        #expect(kept.take() == ["notice a over: Text of a."])
        log.tell([])
        log.tell([])
        #expect(kept.take() == ["notice b over: Text of b."])
    }
}
