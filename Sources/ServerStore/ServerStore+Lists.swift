internal import Foundation
internal import GRDB
public import SurveyCoverage
public import SurveyLog
public import SurveyModel
public import SurveyStore

/// What the server's own commands read.
extension ServerStore {
    /// - Parameter round: the register that this round keeps; nil is today's.
    public func areaTree(of round: Round? = nil) throws -> AreaTree {
        try read { db in try Areas.tree(of: round?.id, in: db) }
    }

    /// Logs that two copies of a device went on writing.
    public func forkedLogs() throws -> Set<ReplicaID> {
        try read { db in
            Set(
                try db.rows(
                    "SELECT replica FROM forked_log JOIN log ON log.number = forked_log.log"
                ).compactMap { ReplicaID($0["replica"] as Data) })
        }
    }

    public func rounds() throws -> [Round] { try read { db in try Rounds.all(in: db) } }

    /// The round that a code stands for; nil is the current one.
    public func round(_ code: String?) throws -> Round? {
        try read { db in try Rounds.choose(code, in: db) }
    }

    public func users() throws -> [RegisteredUser] { try read { db in try Accounts.all(in: db) } }

    public func devices() throws -> [RegisteredDevice] {
        try read { db in try Accounts.devices(in: db) }
    }

    public func coverage(_ round: Round) throws -> [VillageCount] {
        try read { db in try Coverage.villages(round: round, in: db) }
    }

    /// Where the households of villages are, as far as their entries say so.
    public func centroids(of villages: [Area]) throws -> [AreaID: Centroid] {
        let villages = villages.map(\.id)
        return try read { db in try Coverage.centroids(of: villages, in: db) }
    }
}
