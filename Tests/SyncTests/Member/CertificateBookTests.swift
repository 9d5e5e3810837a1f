import EdgeCore
import FoundationEssentials
import SyncCore
import Testing

@testable import Sync

@Suite("When a device asks for a certificate")
struct CertificateBookTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private var dice = SystemRandomNumberGenerator()

    private func certificate(fits: Bool = true, days: Double = 30) -> LinkCertificate {
        LinkCertificate(
            pem: "pem", serial: "07", start: start, end: start.addingTimeInterval(days * 86_400), fitsKey: fits)
    }

    private func day(_ days: Double) -> Date { start.addingTimeInterval(days * 86_400) }

    @Test("not before central's first word, nor where it asks nobody; at once where it does")
    func first() {
        var book = CertificateBook()
        #expect(book.wait(at: .zero, wall: start) == nil)
        book.policy = .off
        #expect(book.wait(at: .zero, wall: start) == nil)
        book.policy = .optional
        #expect(book.wait(at: .zero, wall: start) == .zero)
    }

    @Test("after two thirds of its life, and at once where the key is another one")
    func renewal() throws {
        var book = CertificateBook()
        book.policy = .required
        book.held = certificate()
        #expect(book.wait(at: .zero, wall: day(1)) == nil)
        #expect(book.wait(at: .zero, wall: day(20).addingTimeInterval(-60)) == .seconds(60))
        #expect(book.wait(at: .zero, wall: day(20)) == .zero)
        book.held = certificate(fits: false)
        #expect(book.wait(at: .zero, wall: day(1)) == .zero)
    }

    @Test("what central refuses is asked for anew, whatever its time, but slower and slower")
    mutating func refused() throws {
        var book = CertificateBook()
        book.held = certificate()
        let wasAsked = book.refused()
        #expect(!wasAsked)
        #expect(book.wait(at: .zero, wall: day(1)) == .zero)
        var longest = Duration.zero
        var now = Duration.zero
        for _ in 0..<30 {
            book.asks(at: now, using: &dice)
            book.given(certificate(), at: now)
            let isRepeated = book.refused()
            #expect(isRepeated)
            let wait = try #require(book.wait(at: now, wall: day(1)))
            longest = max(longest, wait)
            #expect(wait <= .seconds(3600))
            now += wait
        }
        #expect(longest > .seconds(60))
        book.taken()
        #expect(!book.isRefused && book.attempts == 0)
    }

    @Test("one that was just given is not renewed for its time, however wrong the clock is")
    mutating func wrongClock() throws {
        var book = CertificateBook()
        book.policy = .optional
        book.asks(at: .zero, using: &dice)
        book.given(certificate(), at: .zero)
        book.taken()
        // A clock that is a year ahead.
        #expect(book.wait(at: .seconds(10), wall: day(365)) == nil)
        #expect(book.wait(at: .seconds(3 * 86_400), wall: day(365)) == .zero)
        _ = book.refused()
        #expect(try #require(book.wait(at: .seconds(10), wall: day(365))) == .zero)
    }
}
