import EdgeCore
import FoundationEssentials
import Logging
import SyncCore

/// Hands on what central wants the device to go by.
extension FleetMember {
    /// Only what central's key signed for this device.
    func take(configurationOf answer: PullAnswer, _ membership: Membership) async {
        guard let note = answer.configuration, let configurations else { return }
        guard let configuration = configuration(in: note, membership) else {
            return log.error("a configuration came that central did not sign for this device")
        }
        guard await configuration.serial > configurations.report().serial else { return }
        await configurations.take(configuration)
    }

    private func configuration(in note: String, _ membership: Membership) -> FleetConfiguration? {
        guard let key = Data(base64Encoded: membership.grant.centralKey),
            let text = try? SignedNote.open(
                note, signedAs: FleetConfiguration.signerName, publicKey: Array(key), checker),
            let configuration = FleetConfiguration(text: text), configuration.device == membership.device
        else { return nil }
        return configuration
    }
}
