import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// What a write transaction touched, and what follows from it before it commits: holds whose
/// reason is gone are lifted, and households that moved take their edits along.
struct Settlement {
    /// Logs of which segments were stored.
    var logs: Set<ReplicaID> = []
    /// Areas, users or devices may be other than before.
    var registerChanged = false
    /// Households and persons about which something is, or may be, in another area than they are.
    var displaced: Set<SubjectID> = []

    /// Edits that can be read in more areas than before, or about which a decision came back.
    var decided: [EditID: Edit] = [:]

    /// What a device gave back to a restored server.
    private var returned = ReturnedEntries()

    /// Notes what a segment brings that was not here before it.
    mutating func note(_ segment: Segment, _ db: Database) throws {
        logs.insert(segment.frame.replica)
        for edit in segment.edits {
            if edit.header.record.kind == .decision, let about = try Self.subject(of: edit, db) {
                decided[about.id] = about
                // It may be a move that counts from now on.
                displaced.formUnion(try Excerpts.subjects(of: about, in: db))
            }
            // What an excerpt repeats is as new as if it had come by itself.
            let isServers = segment.frame.endorsement != nil
            if isServers { try returned.note(edit, db) }
            let edit = isServers ? (try? edit.repeated()) ?? edit : edit
            if try Excerpts.displaces(edit, in: db) {
                displaced.formUnion(try Excerpts.subjects(of: edit, in: db))
            }
            if try Records.isDecided(edit.id, in: db) { decided[edit.id] = edit }
        }
    }

    /// The edit that a decision is about, when it is here.
    private static func subject(of decision: Edit, _ db: Database) throws -> Edit? {
        let answers = decision.answers
        guard let id = answers[DecisionForm.edit], let replica = answers[DecisionForm.replica],
            let counter = answers[DecisionForm.counter]
        else { return nil }
        return try SegmentLog.sound(
            db.rows(
                """
                SELECT edit.id, header, body, body_hash FROM edit JOIN log ON log.number = edit.log
                WHERE replica = ? AND counter = ? AND edit.id = ?
                """, [replica, counter, id])
        ).first
    }

    func settle(_ db: Database, _ draft: inout ServerLog.Draft) throws {
        try draft.seal()
        if registerChanged || !draft.sealed.isEmpty { try Projector.catchUpRegister(db) }
        var displaced = displaced
        // Where a household is may decide whether an edit counts, and the other way round.
        while true {
            if !displaced.isEmpty { try Projector.catchUp(db) }
            let concerned: Holds.Concerned =
                registerChanged ? .all : displaced.isEmpty ? .logs(logs) : .logsAndPlaces(logs)
            let lifted = try Holds.liftWhatIsPermitted(concerned, db, &draft)
            guard !lifted.isEmpty else { break }
            try draft.seal()
            try Projector.catchUp(db)
            for edit in lifted { displaced.formUnion(try Excerpts.subjects(of: edit, in: db)) }
        }
        for subject in displaced.sorted() { try Excerpts.announce(subject, db, &draft) }
        let households = Set(try displaced.compactMap { try Excerpts.household(of: $0, in: db) })
        for household in households.sorted() { try Excerpts.complete(household, db, &draft) }
        try returned.join(&draft)
        try Projector.catchUpRegister(db)
        for (_, edit) in decided.sorted(by: { $0.key < $1.key }) {
            try Holds.spread(about: edit, db, &draft)
        }
        try draft.seal()
        // The response tells the author what is held.
        if !draft.sealed.isEmpty { try Projector.catchUpRegister(db) }
    }
}
