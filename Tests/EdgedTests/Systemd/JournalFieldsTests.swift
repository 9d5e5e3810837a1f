import Logging
import Testing

@testable import edged

@Suite("A record in the journal")
struct JournalFieldsTests {
    @Test("has the camera, session and code as fields of their own, and everything else under the program's name")
    func fields() {
        let metadata: Logger.Metadata = [
            "code": "store.mended", "camera": "front", "session": "1f", "retry after": "2\n3",
        ]
        let fields = JournalFields.of("text", level: .warning, label: "edged", metadata)
        let expected: Set = [
            "PRIORITY=4", "MESSAGE=text", "SYSLOG_IDENTIFIER=edged", "LOGGER=edged", "CODE=store.mended",
            "CAMERA=front", "SESSION=1f", "EDGED_RETRY_AFTER=2\n3", "MESSAGE_ID=97438140390fc5aaa4b34933e5bf47ff",
        ]
        #expect(Set(fields) == expected)
    }

    @Test("without a code has no number, and codes have different ones")
    func numbers() {
        let fields = JournalFields.of("text", level: .info, label: "edged", [:])
        #expect(!fields.contains { $0.hasPrefix("MESSAGE_ID=") })
        let codes = ["store.io", "store.mended", "capture.stream.frozen"]
        #expect(Set(codes.compactMap(JournalFields.messageID)).count == codes.count)
    }
}
