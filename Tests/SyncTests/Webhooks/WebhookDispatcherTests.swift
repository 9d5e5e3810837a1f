import EdgeCore
import EdgeTesting
import FoundationEssentials
import Hummingbird
import Testing

@testable import Sync

@Suite("Webhook dispatcher", .timeLimit(.minutes(10)))
struct WebhookDispatcherTests {
    @Test("what is due is delivered once and recorded; what is not due waits")
    func delivers() async throws {
        let bench = try Bench()
        try await LoopbackReceiver.serve { receiver in
            let late = WebhookShipment.test(url: receiver.url)
            bench.outbox.add(late, due: bench.clock.wall.addingTimeInterval(60))
            let shipments = (0..<3).map { _ in WebhookShipment.test(url: receiver.url) }
            for shipment in shipments { bench.outbox.add(shipment, due: bench.clock.wall) }
            try await bench.run { results in
                var delivered: Set<DeliveryID> = []
                for _ in shipments {
                    let recorded = try #require(await results.next())
                    #expect(recorded.result.verdict == .delivered)
                    #expect(recorded.result.statusCode == 200)
                    #expect(recorded.at == bench.clock.wall)
                    delivered.insert(recorded.delivery)
                }
                #expect(delivered == Set(shipments.map(\.delivery)))
                #expect(bench.outbox.pending == [late.delivery])
                bench.clock.advance(by: .seconds(61))
                bench.outbox.wake()
                #expect(await results.next()?.delivery == late.delivery)
            }
            #expect(receiver.deliveries.count == 4)
        }
    }

    @Test("a failure is tried again with the same id and a new time, and then it is over")
    func retries() async throws {
        let bench = try Bench()
        try await LoopbackReceiver.serve { number, _ in
            Response(status: number == 0 ? .internalServerError : .ok)
        } while: { receiver in
            bench.outbox.add(.test(url: receiver.url), due: bench.clock.wall)
            try await bench.run { results in
                let first = try #require(await results.next()).result
                #expect(first.statusCode == 500)
                guard case .retry(let wait) = first.verdict else {
                    Issue.record("\(first.verdict)")
                    return
                }
                #expect((.seconds(4)...(.seconds(6))).contains(wait))
                bench.clock.advance(by: .seconds(7))
                bench.outbox.wake()
                #expect(await results.next()?.result.verdict == .delivered)
                #expect(bench.outbox.pending.isEmpty)
            }
            let headers = receiver.deliveries.map(\.headers)
            #expect(headers.count == 2)
            #expect(Set(headers.map { $0["webhook-id"] }).count == 1)
            #expect(headers.map { $0["webhook-timestamp"] } == ["1800000000", "1800000007"])
            #expect(headers.map { $0["x-fr-timestamp"] } == ["1800000000", "1800000007"])
            #expect(Set(headers.map { $0["webhook-signature"] }).count == 2)
        }
    }

    @Test("410 ends the endpoint, a redirect is tried again, and the last attempt makes a dead letter")
    func verdicts() async throws {
        let bench = try Bench()
        try await LoopbackReceiver.serve { _, delivery in
            switch delivery.path {
            case "/gone": Response(status: .gone)
            case "/moved": Response(status: .movedPermanently, headers: [.location: "/ok"])
            default: Response(status: .badRequest)
            }
        } while: { receiver in
            let base = "\(http)127.0.0.1:\(receiver.port)"
            let gone = WebhookShipment.test(url: base + "/gone")
            let moved = WebhookShipment.test(url: base + "/moved")
            let dead = WebhookShipment.test(url: base + "/bad", attempt: 3, maximumAttempts: 3)
            for shipment in [gone, moved, dead] { bench.outbox.add(shipment, due: bench.clock.wall) }
            try await bench.run { results in
                var found: [DeliveryID: DeliveryResult] = [:]
                for _ in 0..<3 {
                    let recorded = try #require(await results.next())
                    found[recorded.delivery] = recorded.result
                }
                #expect(found[gone.delivery]?.verdict == .gone)
                #expect(found[moved.delivery]?.errorCode == "REDIRECT")
                #expect(found[dead.delivery]?.verdict == .dead)
                #expect(bench.outbox.pending == [moved.delivery])
            }
            #expect(Set(receiver.deliveries.map(\.path)) == ["/gone", "/moved", "/bad"])
        }
    }

    @Test("after 410 nothing else that was taken for the endpoint is sent")
    func goneEndpoint() async throws {
        let bench = try Bench()
        try await LoopbackReceiver.serve { _, _ in
            Response(status: .gone)
        } while: { receiver in
            let endpoint = EndpointID()
            let shipments = (0..<3).map { _ in WebhookShipment.test(url: receiver.url, endpoint: endpoint) }
            for shipment in shipments { bench.outbox.add(shipment, due: bench.clock.wall) }
            try await bench.run { results in
                var verdicts: [DeliveryResult.Verdict] = []
                for _ in shipments { verdicts.append(try #require(await results.next()).result.verdict) }
                #expect(verdicts == [.gone, .dead, .dead])
            }
            #expect(receiver.deliveries.count == 1)
            #expect(bench.outbox.out == 0)
        }
    }

    @Test("one attempt at a time for each endpoint, eight in all")
    func bounds() async throws {
        let bench = try Bench()
        let watch = Watch(openAt: WebhookDispatcher.mostAtOnce)
        try await LoopbackReceiver.serve { _, delivery in
            await watch.visit(delivery.path)
            return Response(status: .ok)
        } while: { receiver in
            let endpoints = (0..<12).map { _ in EndpointID() }
            let shipments = (0..<36).map { number in
                let endpoint = number % 12
                return WebhookShipment.test(
                    url: "\(http)127.0.0.1:\(receiver.port)/\(endpoint)", endpoint: endpoints[endpoint])
            }
            for shipment in shipments { bench.outbox.add(shipment, due: bench.clock.wall) }
            try await bench.run { results in
                for _ in shipments { #expect(await results.next()?.result.verdict == .delivered) }
            }
            #expect(watch.mostAtOnce == WebhookDispatcher.mostAtOnce)
            #expect(watch.mostAtOnePath == 1)
            #expect(receiver.deliveries.count == shipments.count)
        }
    }

    @Test("a long queue is taken in parts and delivered whole, in order for each endpoint")
    func longQueue() async throws {
        let bench = try Bench()
        try await LoopbackReceiver.serve { receiver in
            let endpoints = (0..<4).map { _ in EndpointID() }
            let shipments = (0..<150).map { WebhookShipment.test(url: receiver.url, endpoint: endpoints[$0 % 4]) }
            for (index, shipment) in shipments.enumerated() {
                bench.outbox.add(shipment, due: bench.clock.wall.addingTimeInterval(Double(index) - 200))
            }
            try await bench.run { results in
                var order: [DeliveryID: Int] = [:]
                for number in shipments.indices { order[try #require(await results.next()).delivery] = number }
                for endpoint in endpoints {
                    let numbers = shipments.filter { $0.endpoint == endpoint }.compactMap { order[$0.delivery] }
                    #expect(numbers == numbers.sorted())
                }
            }
            #expect(bench.outbox.mostOut <= WebhookDispatcher.mostTaken)
            #expect(bench.outbox.pending.isEmpty)
        }
    }

    @Test("a store that fails is asked again, and a result that it refused is recorded later and not sent twice")
    func storeErrors() async throws {
        let bench = try Bench(sleep: { pause in if pause >= .seconds(60) { await untilCancelled() } })
        try await LoopbackReceiver.serve { _, _ in
            bench.outbox.fail(with: [EdgeError(.storeFull), EdgeError(.storeBusy)])
            return Response(status: .ok)
        } while: { receiver in
            bench.outbox.fail(with: [EdgeError(.storeBusy), EdgeError(.storeUnavailable), EdgeError(.storeBusy)])
            bench.outbox.add(.test(url: receiver.url), due: bench.clock.wall)
            try await bench.run { results in
                #expect(await results.next()?.result.verdict == .delivered)
            }
            #expect(receiver.deliveries.count == 1)
            #expect(bench.outbox.pending.isEmpty)
        }
    }

    @Test("a stop leaves what is on its way due, and returns at once")
    func stop() async throws {
        let bench = try Bench()
        let (arrivals, arrival) = AsyncStream<Void>.makeStream()
        try await LoopbackReceiver.serve { _, _ in
            arrival.yield()
            await untilCancelled()
            return Response(status: .ok)
        } while: { receiver in
            let shipment = WebhookShipment.test(url: receiver.url)
            bench.outbox.add(shipment, due: bench.clock.wall)
            try await bench.run { _ in for await _ in arrivals { break } }
            #expect(bench.outbox.pending == [shipment.delivery])
            #expect(bench.outbox.out == 1, "nothing was recorded")
        }
    }

    @Test("an endpoint that fails three times in a row is told to the technician until a delivery arrives")
    func condition() async throws {
        let bench = try Bench()
        try await LoopbackReceiver.serve { number, _ in
            Response(status: number < 3 ? .serviceUnavailable : .ok)
        } while: { receiver in
            let shipment = WebhookShipment.test(url: receiver.url)
            bench.outbox.add(shipment, due: bench.clock.wall)
            try await bench.run { results in
                for failing in [false, false, true, false] {
                    _ = await results.next()
                    #expect(bench.health.current.map(\.code) == (failing ? ["webhook.endpoint.failing"] : []))
                    if failing {
                        let condition = try #require(bench.health.current.first)
                        #expect(condition.severity == .warning)
                        #expect(condition.subject == shipment.endpoint.description)
                        #expect(condition.title.contains("503"))
                        #expect(!condition.title.contains("127.0.0.1"), "the URL is the client's business")
                    }
                    bench.clock.advance(by: .seconds(3600))
                    bench.outbox.wake()
                }
            }
        }
    }

    @Test("failures count in a row, and an endpoint that is quiet for longer than any wait is forgotten")
    func failures() {
        var failures = EndpointFailures()
        let (one, other) = (EndpointID(), EndpointID())
        let start = FrameClock().now
        let later = start.advanced(by: .seconds(20 * 3600))
        let counted = [one, one, other, one].map { failures.isFailing($0, afterFailureAt: start) }
        #expect(counted == [false, false, false, true])
        failures.forget(one)
        let again = failures.isFailing(one, afterFailureAt: later)
        #expect(!again)
        let quiet = (1...2).map { _ in failures.forgetQuiet(at: start.advanced(by: .seconds(31 * 3600))) }
        #expect(quiet == [[other], []])
        // The longest wait of the schedule, with its jitter, is shorter than that.
        #expect(.seconds(24 * 3600) * 1.2 < EndpointFailures.forgottenAfter)
    }
}
