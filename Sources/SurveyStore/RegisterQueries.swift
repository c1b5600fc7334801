public import Foundation
public import GRDB
public import SurveyLog
public import SurveyModel

/// A round as the register has it.
public struct Round: Sendable, Hashable {
    public let id: RoundID
    public let code: String
    public let title: String
    public let isOpen: Bool
    public let context: AssessmentContext

    /// Whether a child of this birth date is of compulsory school age in the round.
    public func isOfSchoolAge(bornOn date: CalendarDate?) -> Bool {
        date.map {
            Schooling.isOfSchoolAge(cohort: Schooling.cohort(bornOn: $0), in: context.year)
        } ?? false
    }
}

public enum Rounds {
    /// All rounds, newest first.
    public static func all(in db: Database) throws -> [Round] {
        try db.rows("SELECT * FROM round ORDER BY opened DESC, code DESC").map(round)
    }

    /// The newest open round.
    public static func current(in db: Database) throws -> Round? {
        try all(in: db).first(where: \.isOpen)
    }

    public static func find(code: String, in db: Database) throws -> Round? {
        let code = code.folded
        return try all(in: db).first { $0.code.folded == code }
    }

    /// The round that a code stands for; nil is the current one, or the newest when all are closed.
    public static func choose(_ code: String?, in db: Database) throws -> Round? {
        guard let code else { return try current(in: db) ?? all(in: db).first }
        guard let round = try find(code: code, in: db) else { throw Failure(.unknownRound, code) }
        return round
    }

    public static func find(_ id: RoundID, in db: Database) throws -> Round? {
        try db.row("SELECT * FROM round WHERE id = ?", [id.column]).map(round)
    }

    /// The round of a visit that does not say it: the first one that there was.
    public static func first(in db: Database) throws -> RoundID? {
        try db.row("SELECT id FROM round ORDER BY opened, code LIMIT 1")
            .map { RoundID(column: $0["id"]) }
    }

    /// A round's rules; before its record is known, those of the newest standard.
    static func context(of id: RoundID, in db: Database) throws -> AssessmentContext {
        try find(id, in: db)?.context ?? AssessmentContext(year: 0, waterStandard: .tches2018)
    }

    private static func round(_ row: Row) -> Round {
        Round(
            id: RoundID(column: row["id"]), code: row["code"], title: row["title"],
            isOpen: row["state"] as String == RoundState.open.rawValue,
            context: AssessmentContext(
                // Nothing that is computed with it leaves its bounds, whoever wrote it.
                year: min(max(row["year"], 0), 9_999),
                waterStandard: WaterStandard(rawValue: row["water_standard"] as String)
                    ?? .tches2018))
    }
}

public enum Areas {
    /// The register of areas, withdrawn ones included.
    ///
    /// - Parameter round: the register that this round keeps. An area that is not part of it is in
    ///   the tree as a withdrawn one, so that whatever is in it is counted all the same.
    public static func tree(of round: RoundID? = nil, in db: Database) throws -> AreaTree {
        let version = try version(in: db)
        return try trees.tree(version, round) { try read(of: round, in: db) }
    }

    /// A number that no other state of the areas has.
    package static func version(in db: Database) throws -> Int64 {
        try db.value("SELECT number FROM area_version") ?? 0
    }

    /// Those that were read last: every exchange and every judgement asks for one.
    private static let trees = AreaTrees()

    private static func read(of round: RoundID?, in db: Database) throws -> AreaTree {
        var kept: [Int64: Row] = [:]
        if let round {
            for row in try db.rows("SELECT * FROM area_in_round WHERE round = ?", [round.column]) {
                kept[row["id"]] = row
            }
        }
        return AreaTree(
            try db.rows("SELECT * FROM area").map { row in try area(kept[row["id"]] ?? row) })
    }

    private static func area(_ row: Row) throws -> Area {
        Area(
            id: AreaID(column: row["id"]), code: row["code"], name: row["name"],
            level: try row.parsed("area.level", AreaLevel(rawValue: row["level"] as String)),
            parent: (row["parent"] as Int64?).map(AreaID.init(column:)),
            managingUnit: row["managing_unit"], isWithdrawn: row["withdrawn"],
            mergedInto: (row["merged_into"] as Int64?).map(AreaID.init(column:)),
            formerCodes: (row["former_codes"] as String).split(separator: " ").map(String.init))
    }

    /// The villages that a code, a name or the start of an id stands for.
    public static func find(village text: String, in db: Database) throws -> [Area] {
        let tree = try tree(in: db)
        let found = tree.find(text).filter { $0.level == .village }
        let exact = found.filter { village in
            let folded = text.folded
            return village.code == folded || village.name.folded == folded
                || village.formerCodes.contains(folded)
        }
        guard exact.isEmpty, text.utf8.count >= 4 else { return exact }
        let prefix = text.lowercased()
        return tree.villages.filter { $0.id.subject.text.hasPrefix(prefix) }
    }
}

/// A user as the register has it.
public struct RegisteredUser: Sendable, Hashable {
    public let id: UserID
    public let name: String
    public let role: Role
    public let areas: Set<AreaID>
    public let isRevoked: Bool
}

/// A device as the register has it.
public struct RegisteredDevice: Sendable, Hashable {
    public let replica: ReplicaID
    public let publicKey: Data
    /// The first log of its chain of endorsements; itself when there is none.
    public let root: ReplicaID
    public let user: UserID
    public let isRevoked: Bool
    public let enrolledOn: CalendarDate?
}

public enum Accounts {
    public static func all(in db: Database) throws -> [RegisteredUser] {
        try db.rows("SELECT * FROM account ORDER BY name").map(user)
    }

    public static func find(_ id: UserID, in db: Database) throws -> RegisteredUser? {
        try db.row("SELECT * FROM account WHERE id = ?", [id.column]).map(user)
    }

    public static func devices(in db: Database) throws -> [RegisteredDevice] {
        try db.rows("SELECT * FROM device ORDER BY account, enrolled_on").map(device)
    }

    public static func device(_ replica: ReplicaID, in db: Database) throws -> RegisteredDevice? {
        try db.row("SELECT * FROM device WHERE replica = ?", [replica.bytes]).map(device)
    }

    /// All logs of a device, itself included.
    public static func family(of device: RegisteredDevice, in db: Database) throws
        -> [RegisteredDevice]
    {
        try db.rows("SELECT * FROM device WHERE root = ? ORDER BY replica", [device.root.bytes])
            .map(self.device)
    }

    private static func user(_ row: Row) throws -> RegisteredUser {
        RegisteredUser(
            id: UserID(column: row["id"]), name: row["name"],
            role: try row.parsed("account.role", Role(rawValue: row["role"] as String)),
            areas: Set(
                (row["areas"] as String).split(separator: " ").compactMap(AreaID.init(text:))),
            isRevoked: row["revoked"])
    }

    private static func device(_ row: Row) throws -> RegisteredDevice {
        let replica: Data = row["replica"]
        let root: Data = row["root"]
        let day: Int64? = row["enrolled_on"]
        return RegisteredDevice(
            replica: try row.parsed("device.replica", ReplicaID(replica)),
            publicKey: row["public_key"], root: try row.parsed("device.root", ReplicaID(root)),
            user: UserID(column: row["account"]), isRevoked: row["revoked"],
            enrolledOn: day.map { CalendarDate(daysSinceEpoch: Int32(truncatingIfNeeded: $0)) })
    }
}
