/// What devices go by besides their own files, and how they stand with it.
public struct FleetConfigurations: Sendable, Equatable {
    /// What all devices of a target went by before.
    public struct Former: Sendable, Equatable {
        /// `nil` where nothing was set.
        public var toml: String?
        /// The number of the change that had made it so, 0 where nothing had been.
        public var serial: UInt64

        /// Names what was there.
        public init(toml: String?, serial: UInt64) {
            self.toml = toml
            self.serial = serial
        }
    }

    /// Everything that was ever set, withdrawn entries included.
    public var entries: [ConfigurationRule.Entry]
    /// What devices said last.
    public var reports: [DeviceID: ConfigurationReport]
    /// From which number on devices have to hear what they go by, because their scopes changed.
    public var floors: [DeviceID: UInt64]
    /// What a roll-back brings again, of targets that were changed.
    public var former: [ConfigurationTarget: Former]

    /// Puts together what is set and what became of it.
    public init(
        entries: [ConfigurationRule.Entry], reports: [DeviceID: ConfigurationReport], floors: [DeviceID: UInt64],
        former: [ConfigurationTarget: Former]
    ) {
        self.entries = entries
        self.reports = reports
        self.floors = floors
        self.former = former
    }
}
