public import EdgeCore
import FoundationEssentials
import Logging
public import SyncCore
import Synchronization

extension FleetDesk {
    /// What members are asked for.
    public var certificatePolicy: CertificatePolicy { options.certificates }

    /// The certificates of those who sign the certificates of devices, in DER, the newest first; made at first use.
    public func authorities() async throws(EdgeError) -> [[UInt8]] {
        let known = try await readAuthorities()
        guard known.isEmpty else { return known }
        _ = try await transaction { [keys, options] transaction in
            try transaction.authority(keys.certificates, life: options.certificateLife)
        }
        return try await readAuthorities()
    }

    /// Gives a certificate for a key of the device's own.
    ///
    /// The proof is by the key that the device joined with: who stole its credentials gets none. A device that is quarantined or
    /// was taken out gets none either.
    public func certificate(
        _ request: CertificateRequestMessage, of device: DeviceID
    ) async throws(SyncRefusal) -> CertificateAnswer {
        guard options.certificates != .off else {
            throw .certificateRefused("Central asks nobody for a certificate.")
        }
        guard let proof = Data(base64Encoded: request.proof) else { throw .malformed("The proof is not base64.") }
        let statement = CertificateRequestMessage.statement(device: device, request: request.request)
        let (keys, life) = (keys, options.certificateLife)
        let answer: CertificateAnswer = try await decide { transaction in
            switch try transaction.member(device) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let entry):
                guard entry.standing == .active else { return .failure(.quarantined) }
                guard keys.signer.verify(Array(proof), of: statement, publicKey: entry.publicKey) else {
                    return .failure(.certificateRefused("The proof is not by the key that the device joined with."))
                }
                return try transaction.issue(request.request, to: entry, keys.certificates, life: life)
            }
        }
        log.notice("a certificate was given", metadata: ["device": "\(device)"])
        return answer
    }

    /// The device that has these credentials and shows this certificate in DER, or none.
    ///
    /// Whether the device is a member is not looked at here. A certificate that the books do not know is taken where it is right
    /// otherwise: they may have been put back.
    public func admit(_ client: ClientID, showing shown: [UInt8]?) async throws(SyncRefusal) -> DeviceID {
        guard options.certificates != .off, let shown else {
            let device = try await reading { db in try DeviceTable.find(client: client, db) }
            guard let device else { throw .deviceUnknown }
            guard options.certificates != .required || device == ownDoors else { throw .certificateNeeded }
            return device
        }
        let (name, serial) = try await examined(shown)
        let found = try await reading { db in
            (device: try DeviceTable.find(client: client, db), entry: try CertificateTable.find(serial, db))
        }
        guard let device = found.device else { throw .deviceUnknown }
        guard name == device.description, (found.entry?.device ?? device) == device else {
            throw .certificateRefused("The certificate is another device's.")
        }
        guard let entry = found.entry else { return device }
        // What was under way with the old one while the new one was first shown is let through.
        let grace = min(options.certificateLife / 10, .seconds(300)).microseconds
        if let withdrawn = entry.withdrawnAt, wall > withdrawn + grace {
            throw .certificateRefused("The certificate was replaced.")
        }
        if entry.shownAt == nil {
            try await decide { transaction in
                .success(try CertificateTable.noteShown(entry, at: transaction.wall, transaction.db))
            }
        }
        return device
    }

    /// Throws ``SyncRefusal/certificateRefused(_:)`` for all but a good one.
    private func examined(_ shown: [UInt8]) async throws(SyncRefusal) -> (name: String, serial: [UInt8]) {
        var finding = try await finding(shown, among: authorityBook.withLock { $0 })
        if finding == .foreign {
            // Another process may have made a new one.
            let fresh = try await authoritiesOrBusy()
            finding = try await self.finding(shown, among: fresh)
        }
        switch finding {
        case .good(let name, let serial): return (name, serial)
        case .ended: throw .certificateRefused("The certificate's time is over.")
        case .early: throw .certificateRefused("The certificate's time has not begun.")
        case .foreign: throw .certificateRefused("The certificate is not one of this central instance.")
        }
    }

    private func finding(
        _ shown: [UInt8], among authorities: [[UInt8]]
    ) async throws(SyncRefusal) -> CertificateFinding {
        do throws(EdgeError) {
            return try keys.certificates.examine(shown, authorities: authorities, at: clock.wall)
        } catch {
            log.error("a certificate cannot be examined", metadata: ["code": "\(error.code.rawValue)"])
            throw .busy(retryMilliseconds: 5000)
        }
    }

    private func authoritiesOrBusy() async throws(SyncRefusal) -> [[UInt8]] {
        do throws(EdgeError) { return try await readAuthorities() } catch { throw .busy(retryMilliseconds: 5000) }
    }

    private func readAuthorities() async throws(EdgeError) -> [[UInt8]] {
        let wall = wall
        let known = try await database.read { db in try AuthorityTable.all(at: wall, db).map(\.certificate) }
        authorityBook.withLock { $0 = known }
        return known
    }

    private func reading<Outcome: Sendable>(
        _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(SyncRefusal) -> Outcome {
        do throws(EdgeError) { return try await database.read(body) } catch {
            log.error("central could not look who asks", metadata: ["code": "\(error.code.rawValue)"])
            throw .busy(retryMilliseconds: 5000)
        }
    }
}

extension FleetTransaction {
    /// So many certificates that hold are enough for any device.
    private static let mostCertificates = 100
    /// How long an authority holds, and for how long before its end there is a new one.
    private static let authorityLife = Duration.seconds(10 * 366 * 86_400)
    private static let authorityRest = Duration.seconds(366 * 86_400)

    fileprivate func issue(
        _ request: String, to device: DeviceEntry, _ works: any CertificateWorks, life: Duration
    ) throws -> Result<CertificateAnswer, SyncRefusal> {
        guard try CertificateTable.count(of: device.id, at: wall, db) < Self.mostCertificates else {
            return .failure(.busy(retryMilliseconds: 3_600_000))
        }
        let authority = try authority(works, life: life)
        // A little back, for clocks that are behind.
        let (start, end) = (wall - min(life / 20, .seconds(300)).microseconds, wall + life.microseconds)
        let made: IssuedCertificate
        do throws(EdgeError) {
            made = try works.issue(
                request, to: device.id.description, by: authority, from: Date(microseconds: start),
                to: Date(microseconds: end))
        } catch {
            guard error.code == .requestInvalid else { throw error }
            return .failure(.malformed(error.detail))
        }
        try CertificateTable.insert(
            CertificateEntry(
                serial: made.serial, device: device.id, keyDigest: made.keyDigest, issuedAt: wall, endsAt: end), db)
        return .success(
            CertificateAnswer(
                certificate: try works.pem(ofDER: made.certificate),
                authority: try works.pem(ofDER: authority.certificate), expiresAt: end))
    }

    /// Who signs now; made where there is nobody, or whose time is about to end.
    fileprivate func authority(_ works: any CertificateWorks, life: Duration) throws -> CertificateAuthority {
        try db.alone()
        let rest = max(Self.authorityRest, life * 2).microseconds
        if let known = try AuthorityTable.all(at: wall, db).first, known.endsAt > wall + rest {
            guard let key = try seal.open(known.key, of: .fleet, .authority(known.id), db) else {
                throw EdgeError(.sealBroken, "The key of the authority over devices' certificates is gone.")
            }
            return CertificateAuthority(certificate: known.certificate, key: Redacted(key))
        }
        let end = wall + (Self.authorityLife + life * 2).microseconds
        let id = UUID()
        let made = try works.makeAuthority(
            named: "edged devices \(id.uuidString.prefix(8).lowercased())",
            from: Date(microseconds: wall - 86_400_000_000),
            to: Date(microseconds: end))
        try AuthorityTable.insert(
            AuthorityEntry(
                id: id, certificate: made.certificate,
                key: try seal.seal(made.key.reveal(), for: .fleet, .authority(id), db), madeAt: wall, endsAt: end), db)
        return made
    }
}

extension SealOwner {
    /// The fleet itself.
    static let fleet = SealOwner(
        kind: .fleet, id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
}

extension SealContext {
    /// Bound to the authority.
    fileprivate static func authority(_ id: UUID) -> SealContext {
        SealContext(
            kind: "central.authority", client: ClientID(rawValue: SealOwner.fleet.id), row: id.uuidString, version: 1)
    }
}
