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

    func settle(_ db: Database, _ draft: inout ServerLog.Draft) throws {
        try draft.seal()
        if registerChanged || !draft.sealed.isEmpty { try Projector.catchUpRegister(db) }
        var displaced = displaced
        // Where a household is may decide whether an edit counts, and the other way round.
        var everybody = registerChanged
        while true {
            if !displaced.isEmpty { try Projector.catchUp(db) }
            let logs = everybody || !displaced.isEmpty ? nil : self.logs
            let lifted = try Holds.liftWhatIsPermitted(of: logs, db, &draft)
            guard !lifted.isEmpty else { break }
            try draft.seal()
            try Projector.catchUp(db)
            for edit in lifted {
                displaced.insert(edit.header.record.subject)
            }
            everybody = true
        }
        for subject in displaced.sorted() { try Excerpts.announce(subject, db, &draft) }
        let households = Set(try displaced.compactMap { try Excerpts.household(of: $0, in: db) })
        for household in households.sorted() { try Excerpts.complete(household, db, &draft) }
        try draft.seal()
        // The response tells the author what is held.
        if !draft.sealed.isEmpty { try Projector.catchUpRegister(db) }
    }
}
