import ArgumentParser
import EdgeCore
import Foundation
import Vault

/// What the person agreed to before they are enrolled.
struct ConsentOptions: ParsableArguments {
    @Option(name: .long, help: "The version of the text that the person agreed to.")
    var consent: String?
    @Option(name: .long, help: "A file with that text; its SHA-256 is kept, never the text.")
    var consentText: String?
    @Option(name: .long, help: "Who agreed, where it was not the person.")
    var consentBy: String?
    @Option(name: .long, help: "How, for example \"paper\".")
    var consentMethod: String?

    func validate() throws {
        guard consent != nil || (consentText == nil && consentBy == nil && consentMethod == nil) else {
            throw ValidationError("Say with --consent which version of the text the person agreed to.")
        }
    }

    /// What was said; `nil` when nothing was.
    func record() throws(EdgeError) -> ConsentRecord? {
        guard let consent else { return nil }
        return ConsentRecord(
            textVersion: consent, textSHA256: try digestOfText(), givenBy: consentBy, givenAt: Date(),
            method: consentMethod)
    }

    private func digestOfText() throws(EdgeError) -> String? {
        guard let consentText else { return nil }
        guard let text = FileManager.default.contents(atPath: consentText) else {
            throw EdgeError(.requestInvalid, "\(consentText) cannot be read", field: "consent")
        }
        return try PublicProofChecker().sha256(Array(text)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }
}
