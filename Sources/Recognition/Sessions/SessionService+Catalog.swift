public import EdgeCore

extension SessionService: SessionCatalog {
    /// One page, newest first; what an open session is, its memory knows better than the disk.
    ///
    /// `filter` names open states only, ended states only, or none.
    public func sessions(
        of client: ClientID, _ filter: SessionFilter, page: PageRequest
    ) async throws(EdgeError) -> PageOf<SessionSnapshot> {
        if let states = filter.states, states.allSatisfy(\.isOpen) {
            return openSessions(of: client, states, filter.kinds, page)
        }
        let stored = try await repository.sessions(of: client, filter, page: page)
        return stored.map { session in
            guard session.state.isOpen, let known = live[session.id]?.snapshot else { return session }
            return known.withoutToken
        }
    }

    private func openSessions(
        of client: ClientID, _ states: Set<SessionState>, _ kinds: Set<SessionKind>?, _ page: PageRequest
    ) -> PageOf<SessionSnapshot> {
        let found = live.values.map(\.snapshot).filter { session in
            session.client == client && states.contains(session.state) && kinds?.contains(session.kind) ?? true
        }
        let newestFirst = found.sorted {
            ($0.createdAt, $0.id.description) > ($1.createdAt, $1.id.description)
        }
        return PageOf(
            total: found.count, items: newestFirst.dropFirst(page.offset).prefix(PageRequest.size).map(\.withoutToken))
    }
}

extension SessionService {
    /// How like the one face in a picture is to a person who can be recognised: cosine, 0…1.
    ///
    /// `nil` without exactly one usable face, and for who cannot be recognised. Throws the errors of ``ImageDecoder``.
    public func similarity(
        of picture: [UInt8], to person: PersonID, client: ClientID
    ) async throws(EdgeError) -> Double? {
        let image = try decoder.inspect(picture)
        let frame = Frame(image: image, capturedAt: clock.instant, sequence: 0, origin: .upload)
        let plan = AnalysisPlan(
            demand: .authentication, wantsMesh: true, wantsLiveness: false, wantsTemplate: true, deadline: nil)
        guard let probe = try await analyzer.analyze(frame, plan: plan).probe else { return nil }
        return board.snapshot(of: client).similarity(of: probe, to: person).map { min(max($0, 0), 1) }
    }
}

extension SessionSnapshot {
    /// Safe to list: whoever reads a list shall not be able to go on with the sessions in it.
    fileprivate var withoutToken: SessionSnapshot {
        var session = self
        session.token = nil
        return session
    }
}
