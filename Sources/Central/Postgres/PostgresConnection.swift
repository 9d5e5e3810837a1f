import CPQ
import EdgeCore
import FoundationEssentials
import Glibc

/// A connection to PostgreSQL, which closes when its owner lets go.
///
/// It blocks: only threads of its own use it, one at a time.
struct PostgresConnection: ~Copyable {
    private let handle: OpaquePointer
    /// Names of the statements that are prepared here, by their text.
    private var prepared: [String: String] = [:]
    /// Texts whose preparation the server has not confirmed yet.
    private var unconfirmed: [String] = []
    /// Statements that were sent and not answered yet.
    private var pending = 0
    private var counter = 0

    /// The oldest server that this speaks with.
    private static let oldestServer: CInt = 150_000
    /// The most statements without an answer: their answers fit into what the kernel buffers, so nobody waits for the other.
    private static let pendingLimit = 128

    /// Connects; the server's time limits are set when this returns.
    init(_ options: PostgresOptions) throws(PostgresFault) {
        let opened = try Self.connect(options)
        do throws(PostgresFault) { try Self.prepare(opened, options) } catch {
            PQfinish(opened)
            throw error
        }
        handle = opened
    }

    deinit { PQfinish(handle) }

    /// From now on statements are sent before the ones before them are answered; ``script(_:)`` is over.
    mutating func beginPipeline() throws(PostgresFault) {
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
    }

    /// Runs statements one after the other; gives the first column of the last one's first row.
    @discardableResult
    mutating func script(_ sql: String) throws(PostgresFault) -> String? { try Self.script(sql, handle) }

    /// Sends a statement; what becomes of it is told with ``settle()``.
    mutating func send(_ sql: String, _ values: [FleetValue]) throws(PostgresFault) {
        if pending >= Self.pendingLimit { _ = try settle() }
        let name = try statement(sql)
        let buffers = values.map(PostgresValue.bytes)
        let lengths = buffers.map { CInt($0?.count ?? 0) }
        let formats = [CInt](repeating: 1, count: values.count)
        let sent = Self.withBuffers(buffers) { pointers in
            PQsendQueryPrepared(handle, name, CInt(values.count), pointers, lengths, formats, 1)
        }
        guard sent == 1 else { throw lost() }
        pending += 1
    }

    /// Waits for everything that was sent; gives the rows of the last statement that had any.
    ///
    /// Throws the first failure; what was sent after it was not run.
    mutating func settle() throws(PostgresFault) -> [FleetRow] {
        guard pending > 0 else { return [] }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        var rows: [FleetRow] = []
        var failure: PostgresFault?
        reading: while true {
            guard let result = PQgetResult(handle) else {
                // The end of one statement's answers; of a lost connection too, which never comes to a sync.
                guard PQstatus(handle) == CONNECTION_OK else { throw failure ?? lost() }
                continue
            }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC: break reading
            case PGRES_COMMAND_OK, PGRES_PIPELINE_ABORTED: break
            case PGRES_TUPLES_OK: if failure == nil { rows = try PostgresValue.rows(of: result) }
            default: failure = failure ?? Self.fault(result)
            }
        }
        pending = 0
        if failure != nil { for sql in unconfirmed { prepared[sql] = nil } }
        unconfirmed = []
        if let failure { throw failure }
        return rows
    }

    /// Waits until the server tells something, or until `wake` can be read; gives what was told, `nil` once woken.
    mutating func notices(until wake: CInt) throws(PostgresFault) -> [String]? {
        var files = [
            pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&files, 2, -1) >= 0 || errno == EINTR else { throw PostgresFault.lost("poll failed") }
        guard files[1].revents == 0 else { return nil }
        guard PQconsumeInput(handle) == 1 else { throw lost() }
        var told: [String] = []
        while let notice = PQnotifies(handle) {
            told.append(String(cString: notice.pointee.extra))
            PQfreemem(notice)
        }
        return told
    }

    private mutating func statement(_ sql: String) throws(PostgresFault) -> String {
        if let name = prepared[sql] { return name }
        counter += 1
        let name = "s\(counter)"
        guard PQsendPrepare(handle, name, PostgresValue.numbered(sql), 0, nil) == 1 else { throw lost() }
        pending += 1
        prepared[sql] = name
        unconfirmed.append(sql)
        return name
    }

    private func lost() -> PostgresFault { Self.lost(handle) }
}

// MARK: Connecting, and what goes wrong

extension PostgresConnection {
    private static func connect(_ options: PostgresOptions) throws(PostgresFault) -> OpaquePointer {
        let words = ["dbname", "connect_timeout", "client_encoding", "fallback_application_name"]
        let values = [options.connection.reveal(), "10", "UTF8", "edged central"]
        let opened = withStrings(words) { words in
            withStrings(values) { values in PQconnectdbParams(words, values, 1) }
        }
        guard let opened else { throw PostgresFault.lost("out of memory") }
        guard PQstatus(opened) == CONNECTION_OK else {
            let reason = line(PQerrorMessage(opened))
            PQfinish(opened)
            throw PostgresFault.lost(reason)
        }
        return opened
    }

    private static func prepare(_ handle: OpaquePointer, _ options: PostgresOptions) throws(PostgresFault) {
        edged_pq_hush(handle)
        guard PQserverVersion(handle) >= oldestServer else {
            throw PostgresFault.lost("the server is older than version 15")
        }
        let limit = options.statementTime.components.seconds * 1000
        try script(
            """
            SET statement_timeout = \(limit); SET lock_timeout = \(limit);
            SET idle_in_transaction_session_timeout = \(2 * limit); SET synchronous_commit = on;
            """, handle)
    }

    @discardableResult
    private static func script(_ sql: String, _ handle: OpaquePointer) throws(PostgresFault) -> String? {
        guard let result = PQexec(handle, sql) else { throw lost(handle) }
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else { throw fault(result) }
        guard PQntuples(result) > 0, PQgetisnull(result, 0, 0) == 0 else { return nil }
        return String(cString: PQgetvalue(result, 0, 0))
    }

    private static func lost(_ handle: OpaquePointer) -> PostgresFault { .lost(line(PQerrorMessage(handle))) }

    private static func fault(_ result: OpaquePointer) -> PostgresFault {
        guard let state = edged_pq_state(result) else { return .lost(line(PQresultErrorMessage(result))) }
        let (text, sentence) = (String(cString: state), line(edged_pq_sentence(result)))
        // The server says goodbye, or was told to end this session.
        return text.hasPrefix("57P") ? .lost(sentence) : .refused(state: text, sentence)
    }

    private static func line(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "no reason is given" }
        let words = String(cString: text).split(whereSeparator: \.isNewline).prefix(2).joined(separator: " ")
        return words.isEmpty ? "no reason is given" : words
    }
}

// MARK: Lending memory to C

extension PostgresConnection {
    /// A list of C strings that ends with NULL, for the time of `body`.
    private static func withStrings<Outcome>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Outcome
    ) -> Outcome {
        let copies = texts.map { strdup($0) }
        defer {
            for copy in copies {
                // One of them may hold a password.
                if let copy { explicit_bzero(copy, strlen(copy)) }
                free(copy)
            }
        }
        return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { list in
            guard let base = list.baseAddress else { preconditionFailure("the list ends with NULL") }
            return body(base)
        }
    }

    /// Pointers to all buffers, for the time of `body`; `nil` stands for `NULL`.
    private static func withBuffers<Outcome>(
        _ buffers: [[UInt8]?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Outcome
    ) -> Outcome {
        // One run of memory for all of them; an empty value points at its end, since NULL means `NULL`.
        let joined = buffers.reduce(into: [UInt8]()) { $0 += $1 ?? [] } + [0]
        return joined.withUnsafeBytes { memory in
            var place = 0
            let pointers = buffers.map { buffer -> UnsafePointer<CChar>? in
                guard let buffer, let base = memory.baseAddress else { return nil }
                defer { place += buffer.count }
                return (base + place).assumingMemoryBound(to: CChar.self)
            }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
