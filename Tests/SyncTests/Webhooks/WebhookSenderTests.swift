import EdgeCore
import EdgeTesting
import FoundationEssentials
import Hummingbird
import NIOCore
import Synchronization
import Testing

@testable import Sync

@Suite("Webhook sender", .timeLimit(.minutes(10)))
struct WebhookSenderTests {
    @Test("a delivery arrives once, whole, signed in both ways, at the path of its URL")
    func delivered() async throws {
        let clock = ManualClock()
        let sender = try WebhookSender.test(clock: clock)
        try await LoopbackReceiver.serve { _, _ in
            Response(status: .accepted, headers: [.server: "door/1"], body: .init(byteBuffer: .init(string: "thanks")))
        } while: { receiver in
            let shipment = WebhookShipment.test(url: receiver.url + "?a=b")
            let answer = try await answer(of: sender, shipment)
            #expect(answer.status == 202)
            #expect(answer.body == "thanks")
            #expect(answer.headers.contains { $0 == ("server", "door/1") || $0 == ("Server", "door/1") })
            let delivery = try #require(receiver.deliveries.first)
            #expect(receiver.deliveries.count == 1)
            #expect(delivery.path == "/hook?a=b")
            #expect(delivery.authority == "127.0.0.1:\(receiver.port)")
            #expect(delivery.body == shipment.body)
            let time = Int(clock.wall.timeIntervalSince1970)
            for (name, value) in try sender.signer.headers(for: shipment, timestamp: time) {
                #expect(delivery.headers[name.lowercased()] == value)
            }
            #expect(delivery.headers["content-type"] == "application/json")
            #expect(delivery.headers["user-agent"] == "edged-webhooks/1.2.3")
            #expect(delivery.headers["webhook-id"] == shipment.event.description)
        }
    }

    @Test("while a secret is in rotation the receiver gets a signature of each")
    func rotation() async throws {
        let sender = try WebhookSender.test()
        try await LoopbackReceiver.serve { receiver in
            let shipment = WebhookShipment.test(url: receiver.url, secrets: ["whsec_AQID", "whsec_BAUG"])
            _ = try await answer(of: sender, shipment)
            let signatures = try #require(receiver.deliveries.first?.headers["webhook-signature"]).split(separator: " ")
            #expect(signatures.count == 2)
            #expect(signatures.allSatisfy { $0.hasPrefix("v1,") && $0.count == 47 })
            #expect(Set(signatures).count == 2)
        }
    }

    @Test("a redirect is an answer and is not followed")
    func redirect() async throws {
        let sender = try WebhookSender.test()
        try await LoopbackReceiver.serve { _, _ in
            Response(status: .found, headers: [.location: "/elsewhere"])
        } while: { receiver in
            let answer = try await answer(of: sender, .test(url: receiver.url))
            #expect(answer.status == 302)
            #expect(receiver.deliveries.map(\.path) == ["/hook"])
        }
    }

    @Test("a receiver that takes the delivery and never answers is given up in time")
    func silent() async throws {
        // Time is up as soon as the receiver has the delivery.
        let arrival = Bell()
        let sender = try WebhookSender.test(sleep: { _ in await arrival.wait(orUntil: { await untilCancelled() }) })
        try await LoopbackReceiver.serve { _, _ in
            arrival.ring()
            await untilCancelled()
            return Response(status: .ok)
        } while: { receiver in
            let fault = try await fault(of: sender, .test(url: receiver.url))
            #expect(fault == .timeout)
            #expect(receiver.deliveries.count == 1)
        }
    }

    @Test("an answer without end is read up to the cap, and its first thousand characters are kept")
    func endless() async throws {
        // Its time is never up: only the cap ends this.
        let sender = try WebhookSender.test()
        try await LoopbackReceiver.serve { _, _ in
            let block = ByteBuffer(repeating: UInt8(ascii: "x"), count: 8192)
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    while true { try await writer.write(block) }
                })
        } while: { receiver in
            let answer = try await answer(of: sender, .test(url: receiver.url))
            #expect(answer.status == 200)
            #expect(answer.body == String(repeating: "x", count: 1000))
        }
    }

    @Test("an answer whose body does not come to its end counts all the same")
    func trickle() async throws {
        // Time is up as soon as the body is waited for, which is what the third sleep is beside.
        let sleeps = Mutex(0)
        let sender = try WebhookSender.test(sleep: { _ in
            let number = sleeps.withLock { count in
                count += 1
                return count
            }
            if number < 3 { await untilCancelled() }
        })
        try await LoopbackReceiver.serve { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "so far"))
                    await untilCancelled()
                })
        } while: { receiver in
            let answer = try await answer(of: sender, .test(url: receiver.url))
            #expect(answer.status == 200)
            #expect("so far".hasPrefix(answer.body))
            #expect(sleeps.withLock { $0 } == 3)
        }
    }

    @Test("a receiver that is not there is a connection error")
    func deserted() async throws {
        let url = try await LoopbackReceiver.serve { $0.url }
        let fault = try await fault(of: try .test(), .test(url: url))
        #expect(fault == .connection)
    }

    @Test("what a receiver asks to wait is passed on")
    func retryAfter() async throws {
        let sender = try WebhookSender.test()
        try await LoopbackReceiver.serve { _, _ in
            Response(status: .tooManyRequests, headers: [.retryAfter: "77"])
        } while: { receiver in
            let answer = try await answer(of: sender, .test(url: receiver.url))
            #expect(answer.retryAfter == .seconds(77))
        }
    }

    @Test("a stop ends an attempt at once and without a result")
    func cancelled() async throws {
        let sender = try WebhookSender.test()
        let (arrivals, arrival) = AsyncStream<Void>.makeStream()
        try await LoopbackReceiver.serve { _, _ in
            arrival.yield()
            await untilCancelled()
            return Response(status: .ok)
        } while: { receiver in
            let attempt = Task { try await sender.send(.test(url: receiver.url)) }
            for await _ in arrivals { break }
            attempt.cancel()
            await #expect(throws: CancellationError.self) { try await attempt.value }
        }
    }

    private func answer(of sender: WebhookSender, _ shipment: WebhookShipment) async throws -> DeliveryAnswer {
        guard case .answered(let answer) = try await sender.send(shipment) else { throw NoAnswer() }
        return answer
    }

    private func fault(of sender: WebhookSender, _ shipment: WebhookShipment) async throws -> DeliveryFault? {
        guard case .failed(let fault) = try await sender.send(shipment) else { return nil }
        return fault
    }

    private struct NoAnswer: Error {}
}
