internal import Foundation
internal import GRDB
public import SurveyCoverage
internal import SurveyLog
public import SurveyModel
public import SurveyStore

extension FieldStore {
    /// The area register as this device has it.
    public func areaTree() throws -> AreaTree {
        try read { db in try Areas.tree(in: db) }
    }

    /// The villages that a code of any level or a managing unit's name stands for.
    ///
    /// - Parameter round: the round whose register is meant; nil is today's.
    public func villages(_ text: String, of round: Round? = nil) throws -> [Area] {
        let (today, tree) = try read { db in
            (try Areas.tree(in: db), try Areas.tree(of: round?.id, in: db))
        }
        let kept = tree.find(text)
        let found = kept.isEmpty ? today.find(text) : kept
        guard !found.isEmpty else { throw Failure(.unknownArea, text) }
        return found.villages(in: tree)
    }

    /// Nothing new is registered in a village that was withdrawn.
    static func requireStanding(_ village: Area) throws(Failure) {
        if village.isWithdrawn { throw Failure(.withdrawnVillage, village.code) }
    }

    /// Those of the villages that this user may read, as the server said last.
    public func readable(_ villages: [Area]) throws -> [Area] {
        let scope = try read { db in try Self.scope(db) }
        return villages.filter { scope.contains($0.id) }
    }

    /// The villages that this user may read.
    public func readableVillages() throws -> [Area] { try readable(try areaTree().villages) }

    /// Villages that this user may read and whose records are not on this device.
    public func notHere(of villages: [Area]? = nil) throws -> [Area] {
        let wanted = try readable(villages ?? areaTree().villages)
        return try villagesElsewhere(wanted)
    }

    /// Those of the villages whose records are not here, or not all of them.
    public func villagesElsewhere(_ villages: [Area]) throws -> [Area] {
        try read { db in
            let here = try Self.here(db)
            return villages.filter { !here.contains($0.id) }
        }
    }

    /// Villages whose records are all here.
    static func here(_ db: Database) throws -> Set<AreaID> {
        Set(
            try db.rows("SELECT area FROM lane WHERE sequence IS NULL").map {
                AreaID(column: $0["area"])
            })
    }

    /// The round that a code stands for; nil is the current one.
    public func round(_ code: String?) throws -> Round? {
        try read { db in try Rounds.choose(code, in: db) }
    }

    /// - Parameter setAside: those that are set aside too.
    public func households(in villages: [Area]?, round: Round?, setAside: Bool = false) throws
        -> [HouseholdRow]
    {
        try read { db in
            try Subjects.households(
                in: villages.map { Set($0.map(\.id)) }, round: round, setAside: setAside, db)
        }
    }

    /// The one household that a number, an id or the start of an id stands for.
    public func household(_ text: String, round: Round?) throws -> HouseholdRow {
        try read { db in
            let subject = try Self.subject(text, of: Household.form, db)
            guard
                let row = try Subjects.household(subject, round: round, db)
            else { throw Failure(.unknownSubject, text) }
            return row
        }
    }

    /// What one check comes to; nil when nobody has begun it.
    public func outcome(of check: RecordKey) throws -> Outcome? {
        try read { db in try Subjects.outcome(of: check, in: db) }
    }

    /// - Parameter setAside: those who are set aside too.
    public func persons(
        in villages: [Area]?, household text: String?, round: Round?, setAside: Bool = false
    ) throws -> [PersonRow] {
        try read { db in
            let household = try text.map { try Self.subject($0, of: Household.form, db) }
            return try Subjects.persons(
                in: villages.map { Set($0.map(\.id)) }, household: household, round: round,
                setAside: setAside, db)
        }
    }

    /// Coverage of the villages that this user may read: computed here for those whose records
    /// are here, by the server for the others. The same code on both sides.
    public func coverage(round: Round, villages: [Area]?, by level: RollUp) throws
        -> (table: CoverageTable, asOf: Int64?)
    {
        try read { db in
            let tree = try Areas.tree(of: round.id, in: db)
            let scope = try Self.scope(db)
            let here = try Self.here(db)
            let local = try Coverage.villages(round: round, in: db)
            var counts = Dictionary(local.map { ($0.village, $0) }) { a, _ in a }
            for remote in try Self.serverVillages(round, local: counts, db)
            where !here.contains(remote.village) {
                counts[remote.village] = remote
            }
            let chosen = (villages ?? tree.villages).filter { scope.contains($0.id) }
            return (
                CoverageTable(Array(counts.values), villages: chosen, tree: tree, by: level),
                try db.value("SELECT last_sync FROM sync_state")
            )
        }
    }

    private static func serverVillages(
        _ round: Round, local: [AreaID: VillageCount], _ db: Database
    ) throws -> [VillageCount] {
        try Coverage.tallies(from: "server_tally", round: round, in: db).map {
            VillageCount(village: $0.key, tally: $0.value, lastHeard: local[$0.key]?.lastHeard)
        }
    }
}
