import EdgeCore
import FoundationEssentials
import SyncCore

/// The device's figures for Prometheus.
struct DeviceMetrics: Sendable {
    let services: APIServices

    func text() async -> String {
        let status = await services.status.status()
        var text = MetricsText()
        text.gauge("edged_build_info", "The program's version.", [(["version": status.version], 1)])
        text.gauge(
            "edged_start_time_seconds", "When the daemon started, seconds since 1970.",
            [([:], status.startedAt.timeIntervalSince1970.rounded(.down))])
        text.gauge("edged_sessions_open", "Sessions that take frames.", [([:], Double(status.openSessions))])
        text.gauge("edged_gallery_people", "People who can be recognised.", [([:], Double(status.people))])
        let conditions = Dictionary(grouping: status.conditions, by: \.severity).mapValues(\.count)
        let severities: [HealthCondition.Severity] = [.info, .warning, .error]
        text.gauge(
            "edged_conditions", "Health conditions that hold.",
            severities.map { (["severity": $0.rawValue], Double(conditions[$0] ?? 0)) })
        Self.describe(status.cameras, in: &text)
        if let onAir = status.onAir {
            text.gauge("edged_on_air", "Whether somebody reads a camera.", Self.one(onAir.isOnAir ? 1 : 0))
        }
        Self.describe(status.outbox ?? [], in: &text, at: services.clock.wall)
        if let sync = status.sync { Self.describe(sync, in: &text, at: services.clock.wall) }
        await describeFleet(in: &text)
        text.counter(
            "edged_usage_dropped_total", "API calls that could not be recorded.",
            [([:], Double(services.insight.recorder.dropped))])
        await describeSessions(in: &text)
        return text.text
    }

    private static func describe(_ cameras: [CameraStatus], in text: inout MetricsText) {
        func each(_ value: (CameraStatus) -> Double) -> [MetricsText.Sample] {
            cameras.map { (["camera": $0.name], value($0)) }
        }
        text.gauge(
            "edged_camera_up", "Whether the camera gives frames, or was released and would.",
            each { $0.isReady ? 1 : 0 })
        text.gauge(
            "edged_camera_pace", "How much is asked of the camera: 1 for the pace that it has.",
            cameras.flatMap { camera in
                CameraPace.allCases.map { pace in
                    (["camera": camera.name, "pace": pace.rawValue], camera.pace == pace ? 1 : 0)
                }
            })
        text.counter("edged_frames_captured_total", "Frames taken from the driver.", each { Double($0.frames) })
        text.counter(
            "edged_frames_dropped_total", "Frames given back unread, and broken ones.",
            cameras.flatMap { camera -> [MetricsText.Sample] in
                [
                    (["camera": camera.name, "reason": "newer"], Double(camera.dropped)),
                    (["camera": camera.name, "reason": "broken"], Double(camera.broken)),
                ]
            })
        text.counter("edged_camera_restarts_total", "Starts after a failure.", each { Double($0.recoveries) })
        text.gauge("edged_camera_covered", "Whether the camera sees nothing.", each { $0.isCovered ? 1 : 0 })
        text.counter(
            "edged_camera_frozen_total", "How often a camera gave the same picture over and over.",
            each { Double($0.frozen) })
    }

    private static func describe(_ lanes: [DeviceStatus.OutboxLane], in text: inout MetricsText, at now: Date) {
        func each(_ value: (DeviceStatus.OutboxLane) -> Double) -> [MetricsText.Sample] {
            lanes.map { (["lane": $0.lane], value($0)) }
        }
        text.gauge("edged_outbox_records", "Records that wait for central.", each { Double($0.records) })
        text.gauge("edged_outbox_bytes", "About what they take on disk.", each { Double($0.bytes) })
        text.gauge(
            "edged_outbox_oldest_seconds", "How long the oldest of them has waited.",
            each { max($0.oldestAt.map { now.timeIntervalSince($0) } ?? 0, 0).rounded(.down) })
        text.counter("edged_outbox_records_total", "Records of this epoch.", each { Double($0.last) })
        text.counter(
            "edged_outbox_acknowledged_total", "Records of this epoch that central has.",
            each { Double($0.acknowledged) })
    }

    private static func describe(_ sync: DeviceStatus.SyncStanding, in text: inout MetricsText, at now: Date) {
        text.gauge("edged_sync_up", "Whether central answers.", Self.one(sync.phase == "online" ? 1 : 0))
        let contact = sync.lastContactAt.map { max(now.timeIntervalSince($0), 0).rounded(.down) }
        text.gauge(
            "edged_sync_last_contact_seconds", "How long ago central answered.",
            contact.map(Self.one) ?? [])
        text.gauge(
            "edged_sync_lease_age_seconds", "How old the word of central is that the lease counts from.",
            sync.leaseAgeSeconds.map { Self.one(Double($0)) } ?? [])
        text.gauge(
            "edged_sync_people_without_model", "People of the fleet without a template of the device's model.",
            Self.one(Double(sync.peopleWithoutModel)))
        text.gauge(
            "edged_sync_certificate_seconds",
            "For how long the certificate holds that central is shown; below 0 when over.",
            sync.certificateExpiresAt.map { Self.one($0.timeIntervalSince(now).rounded(.down)) } ?? [])
    }

    private static func one(_ value: Double) -> [MetricsText.Sample] { [(labels: [:], value: value)] }

    /// All sessions in the store, so these counters live on over a restart.
    private func describeSessions(in text: inout MetricsText) async {
        var isUp = 1.0
        do throws(EdgeError) {
            let counts = try await services.insight.figures.sessionCounts()
            text.counter("edged_sessions_total", "Sessions that ended.", counts.map(Self.sample))
        } catch {
            isUp = 0
        }
        text.gauge("edged_store_up", "Whether the store answers.", [([:], isUp)])
    }
}

extension DeviceMetrics {
    /// What a central instance knows of its fleet; none of it while its database does not answer.
    private func describeFleet(in text: inout MetricsText) async {
        guard let fleet = services.fleet else { return }
        guard let figures = try? await fleet.figures() else {
            return text.gauge("edged_fleet_up", "Whether the fleet's database answers.", [([:], 0)])
        }
        text.gauge("edged_fleet_up", "Whether the fleet's database answers.", [([:], 1)])
        text.gauge(
            "edged_fleet_devices", "Devices of the fleet.",
            DeviceStanding.allCases.map { (["standing": $0.rawValue], Double(figures.devices[$0] ?? 0)) })
        text.gauge("edged_fleet_people", "Enrolled people of the fleet.", [([:], Double(figures.people))])
        text.counter(
            "edged_fleet_records_total", "Records of devices that are on disk.",
            figures.records.sorted { $0.key < $1.key }.map { (["lane": $0.key.rawValue], Double($0.value)) })
        text.counter(
            "edged_fleet_refused_records_total", "Records that are kept without effect.",
            [([:], Double(figures.refused))])
        text.counter(
            "edged_fleet_lost_records_total", "Records that devices said are lost.", [([:], Double(figures.lost))])
        text.gauge(
            "edged_fleet_open_erasures", "Erasures that some device has not proven.",
            [([:], Double(figures.openErasures))])
    }

    private static func sample(_ count: SessionCount) -> MetricsText.Sample {
        let labels: KeyValuePairs = [
            "kind": count.kind.rawValue, "result": count.state.rawValue, "reason": count.cause?.rawValue ?? "",
        ]
        return (labels, Double(count.count))
    }
}

/// Writes the text format of Prometheus, version 0.0.4.
struct MetricsText {
    /// Labels and a value.
    typealias Sample = (labels: KeyValuePairs<String, String>, value: Double)

    private(set) var text = ""

    /// A number that goes up and down.
    mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) { add(name, "gauge", help, samples) }

    /// A number that only grows.
    mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) { add(name, "counter", help, samples) }

    private mutating func add(_ name: String, _ type: String, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(sample.value))\n"
        }
    }

    private static func escaped(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// Whole numbers without a fraction, as counters are expected to look.
    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}
