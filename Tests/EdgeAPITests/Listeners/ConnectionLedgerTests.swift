import NIOCore
import NIOEmbedded
import Testing

@testable import EdgeAPI

@Suite("Connection ledger")
struct ConnectionLedgerTests {
    private func channels(_ count: Int) -> [EmbeddedChannel] { (0..<count).map { _ in EmbeddedChannel() } }

    @Test("whoever has been silent for longest makes place for the next one")
    func evictsTheOldestSilent() {
        let ledger = ConnectionLedger(maximum: 2)
        let channels = channels(3)
        #expect(ledger.enter(channels[0]) && ledger.enter(channels[1]))
        ledger.note(.answered, channels[0])
        ledger.note(.silent, channels[0])
        #expect(ledger.enter(channels[2]))
        #expect(ledger.count == 2 && ledger.evicted == 1)
        // Only the second one is gone: a third change of the first would not bring a place back.
        ledger.note(.answered, channels[0])
        ledger.note(.answered, channels[2])
        #expect(!ledger.enter(EmbeddedChannel()))
    }

    @Test("a silent one goes before one whose request is still arriving, and that before one that is answered")
    func order() {
        let ledger = ConnectionLedger(maximum: 3)
        let channels = channels(3)
        for channel in channels { #expect(ledger.enter(channel)) }
        ledger.note(.asking, channels[0])
        ledger.note(.answered, channels[1])
        let (first, second) = (EmbeddedChannel(), EmbeddedChannel())
        #expect(ledger.enter(first))
        ledger.note(.answered, first)
        #expect(ledger.enter(second))
        ledger.note(.answered, second)
        #expect(!ledger.enter(EmbeddedChannel()), "nobody whose answer is being made has to go")
        #expect(ledger.evicted == 2)
    }

    @Test("a closed connection frees its place")
    func leaves() {
        let ledger = ConnectionLedger(maximum: 1)
        let channel = EmbeddedChannel()
        #expect(ledger.enter(channel))
        ledger.note(.answered, channel)
        #expect(!ledger.enter(EmbeddedChannel()))
        ledger.leave(channel)
        #expect(ledger.enter(EmbeddedChannel()))
        #expect(ledger.evicted == 0)
    }
}
