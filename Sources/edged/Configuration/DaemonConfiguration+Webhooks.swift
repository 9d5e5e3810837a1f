import EdgeCore
import Sync

extension DaemonConfiguration {
    /// Delivery of webhooks by the device itself, to receivers on its LAN.
    struct Webhooks: Equatable, Sendable {
        var localDelivery = false
        /// The only addresses that the device calls.
        var allow: [AddressBlock] = []
        /// Certificates, PEM, that alone are trusted for https receivers; `nil` for the system's.
        var caFile: String?
    }

    mutating func readWebhooks(_ section: ConfigSection) {
        webhooks.localDelivery = section.flag("local_delivery", default: false)
        webhooks.caFile = section.text("ca_file")
        let written = section.texts("allow")
        for text in written ?? [] {
            do throws(EdgeError) {
                webhooks.allow.append(try AddressBlock(text))
            } catch {
                section.problem("allow", error.detail)
            }
        }
        if webhooks.localDelivery, written?.isEmpty ?? true {
            section.problem("allow", "must name the blocks that webhooks may go to, for example [\"192.168.1.0/24\"]")
        }
        section.finish()
    }
}
