import Dispatch
import EdgeCore
import FoundationEssentials
import Synchronization

/// Opens sealed people on all processors while the next are being read.
struct GalleryLoader {
    let sealer: any Sealer
    let take: @Sendable ([GalleryRecord]) -> Void

    /// Opens all people and hands them over in order; returns those who could not be opened.
    ///
    /// Blocks: it runs on the store's own queue, where waiting holds up nobody else.
    func load(_ sealed: consuming SealedPeople) throws -> [PersonID] {
        let handover = Handover(take)
        let group = DispatchGroup()
        let threads = DispatchQueue(label: "edged.store.unseal", attributes: .concurrent)
        // As many parts as are being opened, and one that is ready: memory for no more than these.
        let room = DispatchSemaphore(value: ProcessInfo.processInfo.activeProcessorCount + 1)
        defer { group.wait() }
        var number = 0
        while !handover.hasFailed, let part = try sealed.next() {
            room.wait()
            threads.async(group: group) { [number] in
                handover.hand(over: Result { () throws(EdgeError) in try open(part) }, number: number)
                room.signal()
            }
            number += 1
        }
        group.wait()
        return try handover.broken.get()
    }

    private func open(_ part: SealedPeople.Part) throws(EdgeError) -> Handover.Opened {
        var opened = Handover.Opened()
        opened.records.reserveCapacity(part.people.count)
        for person in part.people {
            do throws(EdgeError) {
                opened.records.append(try open(person, in: part))
            } catch {
                guard error.code == .sealBroken || error.code == .storeCorrupt else { throw error }
                opened.broken.append(person.id)
            }
        }
        return opened
    }

    private func open(_ person: SealedPeople.Person, in part: SealedPeople.Part) throws(EdgeError) -> GalleryRecord {
        let opener = try sealer.opener(for: part.bytes[person.subjectKey])
        do {
            let personal = try PersonalData(
                opener.open(part.bytes[person.personal], context: SealPlace.person(person.id, of: person.client)))
            let templates = try part.templates[person.templates].map { template in
                let vector = try opener.open(
                    part.bytes[template.vector],
                    context: SealPlace.template(template.id, model: template.model, of: person.client))
                return FaceTemplate(model: template.model, values: try VectorForm.values(vector))
            }
            return GalleryRecord(
                client: person.client,
                person: MatchedPerson(
                    id: person.id, externalID: personal.externalID, displayName: personal.displayName),
                templates: templates)
        } catch { throw storeError(error) }
    }
}

/// Brings parts that were opened out of order to their taker in order, one at a time.
private final class Handover: Sendable {
    struct Opened {
        var records: [GalleryRecord] = []
        var broken: [PersonID] = []
    }

    private struct State {
        var early: [Int: Opened] = [:]
        var next = 0
        var broken: [PersonID] = []
        var failure: EdgeError?
    }

    private let state = Mutex(State())
    private let take: @Sendable ([GalleryRecord]) -> Void

    init(_ take: @escaping @Sendable ([GalleryRecord]) -> Void) { self.take = take }

    /// Whether there is no use in opening more.
    var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// Who could not be opened, or why nobody could.
    var broken: Result<[PersonID], EdgeError> {
        state.withLock { state in state.failure.map { .failure($0) } ?? .success(state.broken) }
    }

    func hand(over opened: Result<Opened, EdgeError>, number: Int) {
        state.withLock { state in
            switch opened {
            case .failure(let error): state.failure = state.failure ?? error
            case .success(let opened): state.early[number] = opened
            }
            while let part = state.early.removeValue(forKey: state.next) {
                state.broken += part.broken
                take(part.records)
                state.next += 1
            }
        }
    }
}
