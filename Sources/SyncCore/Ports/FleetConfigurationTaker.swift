/// Who has the device go by what central says, and goes back when that makes it ill.
public protocol FleetConfigurationTaker: Sendable {
    /// How it stands; part of every question to central.
    func report() async -> ConfigurationReport
    /// Has the device go by this from now on, or says in the report why not; the note was checked.
    func take(_ configuration: FleetConfiguration) async
    /// The device belongs to no fleet any more: it goes by its own files alone.
    func forget() async
}
