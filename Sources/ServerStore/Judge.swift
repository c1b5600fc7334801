import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync

/// Judges whether an edit that arrives counts at once, by the register as it stands.
///
/// Holds what it read of accounts and logs, so it lives no longer than a transaction, and forgets it
/// when the register changes.
struct Judge {
    private let log: LogSession
    private var db: Database { log.db }
    /// Subjects by all that came before, and what was decided about it.
    var places: Whereabouts
    private var tree: AreaTree?
    private var standings: [UserID: Standing] = [:]
    private var register: RegisterState?
    private var arriving: [ReplicaID: [LogGraph.Span]] = [:]
    private var named: [NamedEnds: Set<EditID>] = [:]
    /// Edits of each log by record, counted against the bound.
    var written = WrittenEdits()

    init(_ log: LogSession) {
        self.log = log
        places = Whereabouts(log)
    }

    /// Accounts, areas or decisions are other than before, and projected.
    mutating func registerChanged() {
        (tree, standings, named, register) = (nil, [:], [:], nil)
        places.decided = FreshDecisions()
        places.forget()
    }

    /// Segments that are being stored: what they hold may be named by a revocation.
    mutating func await(_ segments: [Segment]) {
        named = [:]
        arriving = Dictionary(grouping: segments, by: \.frame.replica).mapValues { segments in
            segments.map { segment in
                LogGraph.Span(
                    first: segment.frame.first, previous: segment.frame.previous,
                    edits: segment.edits.map(\.id))
            }
        }
    }

    /// Why an edit is held; nil when it counts.
    ///
    /// - Parameter home: where its subject is, when the edit is judged by that instead of by the area
    ///   in which it was written.
    mutating func reason(
        for edit: Edit, from device: RegisteredDevice, at home: AreaID? = nil
    ) throws -> HoldReason? {
        let standing = try standing(of: device.user)
        let isMisplaced = try home == nil && isMisplaced(edit)
        let targets = try targets(of: edit)
        if try isOfAnotherKind(edit) { return .wrongSubject }
        if edit.hasTooManyUnknownAnswers { return .unknownAnswers }
        if try written.isBeyondBound(edit, db) { return .tooManyEdits }
        func reason(_ account: Account, _ isDeviceRevoked: Bool, _ writable: Set<AreaID>)
            -> HoldReason?
        {
            admission(
                of: edit, in: home ?? edit.header.area, account: account,
                isDeviceRevoked: isDeviceRevoked, writable: writable, isMisplaced: isMisplaced,
                targets: targets)
        }
        let strict = reason(standing.account, device.isRevoked, standing.writable)
        guard let strict, [.outsideArea, .revokedUser, .revokedDevice].contains(strict) else {
            return strict
        }
        // What the server held when an area or a right was taken away was in time, even if it had
        // to be sent again since.
        var account = standing.account
        if account.isRevoked { account.isRevoked = try !isNamed(edit, by: standing.revokedAt) }
        var isDeviceRevoked = device.isRevoked
        if isDeviceRevoked { isDeviceRevoked = try !isNamed(edit, by: revokedAt(device)) }
        var writable = standing.writable
        for (areas, ends) in standing.unassigned where try isNamed(edit, by: ends) {
            let villages = areas.flatMap { tree?.villages(under: $0) ?? [] }
            writable.formUnion(villages.map(\.id))
        }
        return reason(account, isDeviceRevoked, writable)
    }

    // MARK: Accounts

    private mutating func standing(of user: UserID) throws -> Standing {
        if let known = standings[user] { return known }
        let register = try register ?? RegisterState(log)
        self.register = register
        if let known = Standings.shared.standing(of: user, by: register) {
            standings[user] = known
            return known
        }
        tree = try tree ?? Areas.tree(in: db)
        let account = try Account(user, in: db)
        let edits = try log.state(of: RecordKey(kind: .user, subject: user.subject))
            .included
        let standing = Standing(
            account: account,
            writable: try ReadableAreas.shared.villages(of: account, in: db),
            unassigned: edits.compactMap { edit in
                let answers = edit.answers
                guard let taken = answers[UserForm.unassigned] else { return nil }
                return (
                    Set(taken.texts.compactMap(AreaID.init(text:))),
                    Self.ends(answers[UserForm.unassignedAt])
                )
            },
            revokedAt: edits.flatMap { edit in
                Self.ends(edit.answers[UserForm.revokedAt])
            })
        standings[user] = standing
        Standings.shared.keep(standing, of: user, by: register)
        return standing
    }

    private func revokedAt(_ device: RegisteredDevice) throws -> [Tip] {
        try log.state(of: .device(device.publicKey)).included.flatMap { edit in
            Self.ends(edit.answers[DeviceForm.revokedAt])
        }
    }

    private static func ends(_ set: TextSet?) -> [Tip] {
        (set?.texts ?? []).sorted().compactMap(Tip.init(text:))
    }

    // MARK: Named ends

    private struct NamedEnds: Hashable {
        let replica: ReplicaID
        let ends: [Tip]
    }

    /// Whether an edit lies at or below ends that a register edit names.
    private mutating func isNamed(_ edit: Edit, by ends: [Tip]) throws -> Bool {
        let replica = edit.dot.replica
        let key = NamedEnds(replica: replica, ends: ends.filter { $0.replica == replica })
        // Later edits lie above every end: the log need not be read.
        guard key.ends.contains(where: { edit.dot.counter <= $0.counter }) else { return false }
        if let known = named[key] { return known.contains(edit.id) }
        let spans = try SegmentLog.spans(of: replica, in: db) + (arriving[replica] ?? [])
        let points = LogGraph.points(of: spans)
        let covered = Set(LogGraph.held(spans, ends: key.ends).compactMap { points[$0] })
        named[key] = covered
        return covered.contains(edit.id)
    }

    /// Whether any of some edits of a log lies at or below an end that names what was in time when a
    /// right was taken away. Until one does, nothing that is held of the log turns out to have been.
    mutating func isAnyInTime(_ edits: [Edit], of device: RegisteredDevice) throws -> Bool {
        let standing = try standing(of: device.user)
        let taken =
            [standing.revokedAt, try revokedAt(device)] + standing.unassigned.map(\.ends)
        return try taken.contains { ends in
            try edits.contains { try isNamed($0, by: ends) }
        }
    }

    // MARK: Subjects

    /// The register has the subject in another area than the edit's, and never had it there. Who
    /// has not heard of a move may write where the subject was.
    private func isMisplaced(_ edit: Edit) throws -> Bool {
        let area = edit.header.area
        return try places.subjects(of: edit).contains { subject in
            guard let home = try home(of: subject, edit), home != area else { return false }
            return try !places.wasOnce(subject, in: area)
        }
    }

    /// A subject has one kind: whoever wrote a household under the id of a village, or of a person,
    /// would hide what is counted there.
    func isOfAnotherKind(_ edit: Edit) throws -> Bool {
        let record = edit.header.record
        // What names no pair might come to one together with another edit.
        if record.kind == .sameAs { return record.pair(in: edit.answers) == nil }
        if record.kind == .finding { return try isOfAnotherFinding(edit) }
        let kind = Form.form(of: record.kind)?.subject
        guard kind == .household || kind == .person, record.kind < .area else { return false }
        if AreaID(record.subject).subject == record.subject { return true }
        guard let registered = try places.kind(ofEntry: record.subject) else { return false }
        return registered != kind
    }

    /// A finding is about one subject: of that which a check calls for its id says about which.
    private func isOfAnotherFinding(_ edit: Edit) throws -> Bool {
        guard let about = edit.answers[Finding.about], !edit.isCalledFor else { return false }
        return try places.state(of: edit.header.record).included.contains { other in
            other.answers[Finding.about].map { $0 != about } ?? false && other.isCalledFor
        }
    }

    /// Areas that an edit takes beside its own: the one into which it moves its subject, and the one
    /// where that is now. Whoever once had a household does not take it back. A household that the
    /// register does not have is nowhere.
    private func targets(of edit: Edit) throws -> [AreaID] {
        guard edit.isPlacing else { return [] }
        var areas = [try places.destination(of: edit)]
        if edit.header.record.kind == .person, edit.answers[Person.household] != nil {
            areas = [areas[0] ?? AreaID.none]
        }
        areas.append(try places.area(ofEntry: edit.header.record.subject))
        return areas.compactMap { $0 }.filter { $0 != edit.header.area }
    }

    /// Where the subject of an edit is. A clinic is in its village.
    private func home(of subject: SubjectID, _ edit: Edit) throws -> AreaID? {
        guard edit.header.record.kind == .clinic else { return try places.area(of: subject) }
        // A subject that is no area's has no home, and may be written about nowhere.
        return AreaID(subject).subject == subject ? AreaID(subject) : AreaID.none
    }
}

extension Account {
    /// The account as it stands now; one that is not registered may do nothing.
    init(_ id: UserID, in db: Database) throws {
        let user = try Accounts.find(id, in: db)
        self.init(
            user: id, name: user?.name ?? "", role: user?.role ?? .surveyor,
            areas: user?.areas ?? [], isRevoked: user?.isRevoked ?? true)
    }
}
