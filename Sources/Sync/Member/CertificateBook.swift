public import EdgeCore
import FoundationEssentials
import SyncCore

/// With what a member shows who it is, and what it proves with that the request is its own.
public struct MemberIdentity: Sendable {
    let link: any LinkIdentity
    let signer: any Signer

    /// `signer` is the key that the device joined with.
    public init(link: any LinkIdentity, signer: any Signer) {
        self.link = link
        self.signer = signer
    }
}

/// Decides when a device asks for a certificate.
///
/// Performs nothing. Times of the certificate are those of the wall clock, pauses those of the member's own.
struct CertificateBook: Sendable {
    /// Asked for every so often, a certificate that does not help is not asked for faster.
    private static let backoff = Backoff(initial: .seconds(1), maximum: .seconds(3600))
    /// For so long nothing is looked at, at most: the key may have been exchanged by hand.
    private static let round = Duration.seconds(3600)

    /// The certificate that is there.
    var held: LinkCertificate?
    /// What central said last; `nil` before its first word.
    var policy: CertificatePolicy?
    /// Whether central refused what was shown, or that nothing was.
    private(set) var isRefused = false
    private(set) var attempts = 0
    private var notBefore = Duration.zero
    /// However wrong a clock is: one that was just given is not renewed for its time alone.
    private var noRenewalBefore = Duration.zero

    /// Central refused; whether it had been asked for a certificate since it last took one.
    mutating func refused() -> Bool {
        isRefused = true
        return attempts > 0
    }

    /// Central answered as it answers members.
    mutating func taken() {
        isRefused = false
        attempts = 0
    }

    /// A certificate is being asked for.
    mutating func asks(at now: Duration, using generator: inout some RandomNumberGenerator) {
        attempts += 1
        notBefore = now + Self.backoff.wait(afterFailures: attempts, using: &generator)
    }

    /// It was given.
    mutating func given(_ certificate: LinkCertificate, at now: Duration) {
        held = certificate
        let life = certificate.end.timeIntervalSince(certificate.start)
        noRenewalBefore = now + .seconds(max(life / 10, 0))
    }

    /// How long to wait before a certificate is asked for, zero for at once; `nil` where none is due within the hour.
    func wait(at now: Duration, wall: Date) -> Duration? {
        guard isRefused || (policy ?? .off) != .off else { return nil }
        guard !isRefused, let held, held.fitsKey else { return max(notBefore - now, .zero) }
        let left = Duration.seconds(held.renewal.timeIntervalSince(wall))
        let wait = max(left, notBefore - now, noRenewalBefore - now, .zero)
        return wait < Self.round ? wait : nil
    }

    /// How long to sleep where nothing is due.
    static var pause: Duration { round }
}
