import EdgeCore
import Testing

@Suite("Error codes")
struct ErrorCodeTests {
    @Test("every code has a title and a remedy that are sentences", arguments: ErrorCode.allCases)
    func text(code: ErrorCode) {
        for sentence in [code.title, code.remedy] {
            #expect(sentence.count > 8, "\(code.rawValue): \(sentence)")
            #expect(sentence.hasSuffix(".") || sentence.hasSuffix("?"), "\(code.rawValue): \(sentence)")
            #expect(sentence.first?.isUppercase == true || sentence.hasPrefix("chmod"), "\(code.rawValue): \(sentence)")
        }
        #expect(code.title != code.remedy)
    }

    @Test("no two codes share a name")
    func uniqueNames() {
        #expect(Set(ErrorCode.allCases.map(\.rawValue)).count == ErrorCode.allCases.count)
    }

    @Test("names are lower-case words, joined by dots, from general to particular", arguments: ErrorCode.allCases)
    func form(code: ErrorCode) {
        #expect(code.rawValue.wholeMatch(of: /[a-z]+(\.[a-z]+(_[a-z]+)*)+/) != nil, "\(code.rawValue)")
    }

    @Test("an error without words of its own says its code's title")
    func detail() {
        #expect(EdgeError(.storeFull).detail == ErrorCode.storeFull.title)
        #expect(EdgeError(.storeFull, "No byte left.").description == "store.disk.full: No byte left.")
    }

    @Test("what a technician must mend is never put down to the caller")
    func kinds() {
        for code in ErrorCode.allCases where code.rawValue.hasPrefix("store.") || code.rawValue.hasPrefix("vault.") {
            #expect([.unavailable, .conflict, .failed].contains(code.kind), "\(code.rawValue)")
        }
        for code in ErrorCode.allCases where code.rawValue.hasPrefix("request.") || code.rawValue.hasPrefix("image.") {
            #expect(![.unavailable, .failed].contains(code.kind), "\(code.rawValue)")
        }
        for code in ErrorCode.allCases where code.rawValue.hasSuffix(".unknown") && code != .cameraControl {
            #expect(code.kind == .notFound, "\(code.rawValue)")
        }
    }
}

@Suite("Reasons")
struct ReasonTests {
    @Test("every reason has a sentence for the person in front of the screen", arguments: Reason.allCases)
    func messages(reason: Reason) {
        #expect(reason.message.count > 8)
        #expect(reason.message.hasSuffix("."), "\(reason.rawValue): \(reason.message)")
        #expect(reason.rawValue.wholeMatch(of: /[a-z]+\.[a-z]+(_[a-z]+)*/) != nil, "\(reason.rawValue)")
    }

    @Test("no two reasons share a name")
    func uniqueNames() {
        #expect(Set(Reason.allCases.map(\.rawValue)).count == Reason.allCases.count)
    }

    @Test("no message of a failed authentication tells an unknown user from a wrong face or a photograph")
    func failureSaysNothing() {
        let message = Reason.notRecognized.message.lowercased()
        for word in ["user", "unknown", "enrolled", "face", "match", "photo", "live", "spoof", "score"] {
            #expect(!message.contains(word), "\(word)")
        }
    }

    @Test("every challenge has an instruction of its own", arguments: LivenessChallenge.allCases)
    func instructions(challenge: LivenessChallenge) {
        #expect(challenge.instruction.hasPrefix("Please "))
        #expect(LivenessChallenge.allCases.filter { $0.instruction == challenge.instruction } == [challenge])
    }
}
