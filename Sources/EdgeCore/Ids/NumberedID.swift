public import FoundationEssentials

/// UUIDs for what is numbered and not named: the number stands in it, so that it is stable and can be read back.
///
/// Version 8 of RFC 9562, which leaves the bits to us: `0000000k-0000-8000-8000-nnnnnnnnnnnn`, kind and number.
public enum NumberedID: UInt32, Sendable {
    /// A line of the audit chain, by its sequence.
    case auditLine = 0
    /// A recorded API call, by its key.
    case apiCall = 1
    /// A key of the configuration, by a hash of its name.
    case configurationKey = 2
    /// A UTC day, by its number since 1970.
    case day = 3
    /// A figure of one name and hour.
    case metric = 4
    /// A measured point of a model.
    case modelMeasure = 5
    /// What a whole fleet goes by, of which there is one.
    case fleetConfiguration = 6

    /// The id of a number; only its lower 48 bits count.
    public func uuid(_ number: Int64) -> UUID {
        let n = UInt64(bitPattern: number)
        func byte(_ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: n >> shift) }
        return UUID(
            uuid: (
                0, 0, 0, UInt8(truncatingIfNeeded: rawValue), 0, 0, 0x80, 0, 0x80, 0, byte(40), byte(32), byte(24),
                byte(16), byte(8), byte(0)
            ))
    }

    /// The number of an id; `nil` for an id of something else.
    public func number(_ uuid: UUID) -> Int64? {
        let u = uuid.uuid
        let bytes = [u.10, u.11, u.12, u.13, u.14, u.15]
        let number = Int64(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        return self.uuid(number) == uuid ? number : nil
    }

    /// The id of a name, by a hash of it (FNV-1a, folded to 48 bits); no way back.
    public func uuid(named name: String) -> UUID {
        let hash = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return uuid(Int64(truncatingIfNeeded: (hash >> 48) ^ (hash & 0xFFFF_FFFF_FFFF)))
    }
}
