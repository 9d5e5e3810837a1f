import EdgeCore
import Testing

@Suite("Frame mailbox")
struct FrameMailboxTests {
    @Test("a reader that was away gets the newest frame, and the others are counted")
    func newestWins() async {
        let mailbox = FrameMailbox()
        for sequence in 0..<5 { mailbox.post(frame(UInt64(sequence))) }
        mailbox.finish()

        var seen: [UInt64] = []
        for await frame in mailbox.frames { seen.append(frame.sequence) }

        #expect(seen == [4])
        #expect(mailbox.replacedFrames == 4)
    }

    @Test("a reader that keeps up gets every frame and none is counted as replaced")
    func keepingUpLosesNothing() async {
        let mailbox = FrameMailbox()
        var reader = mailbox.frames.makeAsyncIterator()
        var seen: [UInt64?] = []
        for sequence in 0..<5 {
            mailbox.post(frame(UInt64(sequence)))
            seen.append(await reader.next()?.sequence)
        }
        #expect(seen == [0, 1, 2, 3, 4])
        #expect(mailbox.replacedFrames == 0)
    }

    @Test("frames offered after the end are ignored and not counted")
    func nothingAfterTheEnd() async {
        let mailbox = FrameMailbox()
        mailbox.finish()
        mailbox.post(frame(1))
        mailbox.post(frame(2))

        var seen = 0
        for await _ in mailbox.frames { seen += 1 }
        #expect(seen == 0)
        #expect(mailbox.replacedFrames == 0)
    }

    @Test("the source is told when its reader goes away")
    func tellsWhenTheReaderLeaves() async {
        let mailbox = FrameMailbox()
        let (ended, signal) = AsyncStream<Void>.makeStream()
        mailbox.onEnd { signal.finish() }
        let reader = Task { for await _ in mailbox.frames {} }
        reader.cancel()
        for await _ in ended {}
        await reader.value
    }

    @Test("the source is told once when it finishes the stream itself")
    func tellsWhenFinished() async {
        let mailbox = FrameMailbox()
        let (ended, signal) = AsyncStream<Int>.makeStream()
        mailbox.onEnd { signal.yield(1) }
        mailbox.finish()
        mailbox.finish()
        signal.finish()

        var calls = 0
        for await call in ended { calls += call }
        #expect(calls == 1)
    }

    private func frame(_ sequence: UInt64) -> Frame {
        Frame(
            image: EncodedImage(encoding: .grey, width: 1, height: 1, stride: 1, bytes: [0]),
            capturedAt: FrameClock().now, sequence: sequence, origin: .camera)
    }
}
