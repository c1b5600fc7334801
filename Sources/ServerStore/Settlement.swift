import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// What a write transaction touched, and what follows from it before it commits: subjects that came
/// into the register have their edits judged by where they are, holds whose reason is gone are
/// lifted, and households that moved take their edits along.
struct Settlement {
    /// What was stored of each log.
    private var arrived: [ReplicaID: [Edit]] = [:]
    /// Areas, users or devices came back that this server had lost: anybody's rights may be other than
    /// before.
    var isRegisterBack = false
    /// Users that were given areas, or of which areas were taken away.
    var reassigned: Set<UserID> = []
    /// Households and persons about which something that counts is, or may be, in another area than
    /// they are.
    var displaced: Set<SubjectID> = []

    /// Edits that can be read in more areas than before, or about which a decision came back.
    var decided: [EditID: Edit] = [:]

    /// What a device gave back to a restored server.
    private var returned = ReturnedEntries()

    /// Notes what was stored, whatever it says.
    mutating func noteArrival(of segment: Segment) {
        arrived[segment.frame.replica, default: []] += segment.edits
    }

    /// Notes what a segment brings that was not here before it.
    mutating func note(_ segment: Segment, _ places: Whereabouts) throws {
        let db = places.log.db
        noteArrival(of: segment)
        let isServers = segment.frame.endorsement != nil
        for edit in segment.edits {
            if isServers, edit.header.record.kind == .decision,
                let about = try Self.subject(of: edit, places.log)
            {
                decided[about.id] = about
                // It may be a move that counts from now on, or one that is held.
                displaced.formUnion(try places.subjects(of: about))
                try HeldEdits.note(about, places)
            }
            // What an excerpt repeats is as new as if it had come by itself.
            if isServers { try returned.note(edit, places.log) }
            let edit = isServers ? (try? edit.repeated()) ?? edit : edit
            if try Records.isDecided(edit.id, in: db) {
                decided[edit.id] = edit
                try HeldEdits.note(edit, places)
            }
            // What does not count takes nobody along.
            if try !places.isExcluded(edit.id), try Excerpts.displaces(edit, places) {
                displaced.formUnion(try places.subjects(of: edit))
            }
        }
    }

    /// The edit that a decision is about, when it is here.
    private static func subject(of decision: Edit, _ log: LogSession) throws -> Edit? {
        let answers = decision.answers
        guard let id = answers[DecisionForm.edit],
            let replica = answers[DecisionForm.replica].flatMap(ReplicaID.init),
            let counter = answers[DecisionForm.counter], counter > 0
        else { return nil }
        return try log.edits(of: replica, at: UInt64(counter)).first { $0.id.bytes == id }
    }

    func settle(_ draft: inout ServerLog.Draft) throws {
        let log = draft.log
        let db = log.db
        try draft.seal()
        if isRegisterBack || !draft.sealed.isEmpty { try Projector.catchUpRegister(log) }
        let displaced = try settleHolds(&draft)
        for subject in displaced.sorted() { try Excerpts.announce(subject, &draft) }
        let households = Set(try displaced.compactMap { try Excerpts.household(of: $0, in: db) })
        for household in households.sorted() { try Excerpts.complete(household, &draft) }
        try returned.join(&draft)
        try Projector.catchUpRegister(log)
        for (_, edit) in decided.sorted(by: { $0.key < $1.key }) {
            try Holds.spread(about: edit, &draft)
        }
        try draft.seal()
        // The response tells the author what is held.
        if !draft.sealed.isEmpty { try Projector.catchUpRegister(log) }
    }

    /// Where a household is may decide whether an edit counts, and the other way round.
    ///
    /// - Returns: everybody about whom something may be elsewhere than they are; all is projected.
    private func settleHolds(_ draft: inout ServerLog.Draft) throws -> Set<SubjectID> {
        let log = draft.log
        let db = log.db
        var judge = Judge(log)
        var all = displaced
        var open = displaced
        var isFirst = true
        while true {
            let strangers = try open.filter { try !Self.isRegistered($0, db) }
            if !open.isEmpty || !isFirst { try Projector.catchUp(log) }
            judge.registerChanged()
            var changed: [Edit] = []
            for subject in strangers.sorted() where try Self.isRegistered(subject, db) {
                changed += try Registration.judgeAgain(subject, &judge, &draft)
            }
            if isFirst { changed += try liftByRights(&judge, &draft) }
            changed += try HeldEdits.lift(about: open, &judge, &draft)
            isFirst = false
            guard !changed.isEmpty else { return all }
            try draft.seal()
            open = try changed.reduce(into: []) { $0.formUnion(try judge.places.subjects(of: $1)) }
            all.formUnion(open)
        }
    }

    /// Rights that were given, and edits that turn out to have been in time, lift holds: of the logs
    /// that this concerns, however much is held.
    private func liftByRights(
        _ judge: inout Judge, _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        let db = draft.log.db
        guard !isRegisterBack else {
            return try HeldEdits.lift(inLogs: nil, &judge, &draft)
        }
        var logs: Set<ReplicaID> = []
        if !reassigned.isEmpty {
            logs.formUnion(
                try Accounts.devices(in: db).filter { reassigned.contains($0.user) }
                    .map(\.replica))
        }
        for (replica, edits) in arrived {
            // What lies below an end that was not here may be in time only once that is.
            if let device = try Accounts.device(replica, in: db),
                try judge.isAnyInTime(edits, of: device)
            {
                logs.insert(replica)
            }
        }
        return try HeldEdits.lift(inLogs: logs, &judge, &draft)
    }

    /// Whether the register, as projected, has a household or a person.
    private static func isRegistered(_ subject: SubjectID, _ db: Database) throws -> Bool {
        try Excerpts.household(of: subject, in: db) != nil
    }
}
