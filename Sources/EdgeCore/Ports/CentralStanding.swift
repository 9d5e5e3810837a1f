public import FoundationEssentials

/// How a central instance stands: what it needs beside what every device needs.
public struct CentralStanding: Sendable, Codable, Equatable {
    /// The database with the fleet's books.
    public struct Database: Sendable, Codable, Equatable {
        /// `sqlite` or `postgresql`.
        public var kind: String
        /// The version of SQLite, or of the server.
        public var version: String
        /// The version of central's tables; 0 where there are none.
        public var schema: Int
        /// The version that this program makes.
        public var knownSchema: Int
        /// How many connections the server has now; absent for SQLite.
        public var usedConnections: Int?
        /// How many it takes at most.
        public var connectionLimit: Int?

        /// Describes a database.
        public init(kind: String, version: String, schema: Int, knownSchema: Int) {
            self.kind = kind
            self.version = version
            self.schema = schema
            self.knownSchema = knownSchema
        }
    }

    /// Something that waits, and since when.
    public struct Queue: Sendable, Codable, Equatable {
        /// How many.
        public var waiting: Int
        /// The oldest of them; absent where none waits.
        public var oldestAt: Date?

        /// Describes a queue.
        public init(waiting: Int, oldestAt: Date?) {
            self.waiting = waiting
            self.oldestAt = oldestAt
        }
    }

    /// What the books tell of the fleet.
    public struct Fleet: Sendable, Codable, Equatable {
        /// Devices that are members.
        public var members: Int
        /// Members that have not been heard of for longer than their lease stays fresh.
        public var silent: Int
        /// The member that was heard of longest ago, by name.
        public var longestSilent: String?
        /// When that was, or when it joined.
        public var longestSilentSince: Date?
        /// Devices that an operator must decide about; since when the first of them waits.
        public var quarantined: Queue
        /// Erasures that some device has not proven; since when the oldest is owed.
        public var erasures: Queue
        /// What devices told of events and was not handed on to the queue of deliveries.
        public var events: Queue
        /// Until when the certificate holds that signs those of devices; absent where there is none.
        public var authorityExpiresAt: Date?

        /// Puts figures together.
        public init(members: Int, silent: Int, quarantined: Queue, erasures: Queue, events: Queue) {
            self.members = members
            self.silent = silent
            self.quarantined = quarantined
            self.erasures = erasures
            self.events = events
        }
    }

    /// When it was looked at.
    public var at: Date
    /// Absent where it did not answer.
    public var database: Database?
    /// Why it did not.
    public var fault: String?
    /// Absent where the database did not answer, or has tables of another version.
    public var fleet: Fleet?
    /// Deliveries of webhooks that wait; absent where nobody could look.
    public var deliveries: Queue?
    /// Until when the certificate holds that devices are shown; absent without TLS.
    public var certificateExpiresAt: Date?
    /// Until when the first of the announced roots holds; absent where none were announced.
    public var rootsExpireAt: Date?

    /// Nothing is known yet.
    public init(at moment: Date) { at = moment }
}
