import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel

/// Areas, rounds, users, devices and decisions.
extension Projector {
    func projectArea(_ state: RecordState) throws {
        guard let area = area(state) else { return }
        try db.run(
            """
            INSERT INTO area (id, code, name, level, parent, managing_unit, withdrawn, merged_into,
                former_codes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name,
                level = excluded.level, parent = excluded.parent,
                managing_unit = excluded.managing_unit, withdrawn = excluded.withdrawn,
                merged_into = excluded.merged_into, former_codes = excluded.former_codes
            """, Self.columns(area))
        try db.run("DELETE FROM area_in_round WHERE id = ?", [area.id.column])
        for (round, kept) in try areasInRounds(state, today: area) {
            try db.run(
                """
                INSERT INTO area_in_round (id, code, name, level, parent, managing_unit, withdrawn,
                    merged_into, former_codes, round)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, Self.columns(kept) + [round.column])
        }
    }

    /// The area as the rounds keep it that some edit leaves out. What is no part of a round's
    /// register at all stands in it as withdrawn.
    private func areasInRounds(_ state: RecordState, today: Area) throws -> [(RoundID, Area)] {
        var without: [RoundID: Set<EditID>] = [:]
        for edit in state.included {
            for text in edit.answers[AreaForm.notInRounds]?.texts ?? [] {
                guard let round = RoundID(text: text) else { continue }
                without[round, default: []].insert(edit.id)
            }
        }
        return try without.map { round, edits in
            var kept = area(try fold(state.key, state.included, excluding: edits))
            if kept == nil {
                kept = today
                kept?.isWithdrawn = true
            }
            return (round, kept ?? today)
        }
    }

    private func area(_ state: RecordState) -> Area? {
        let answers = state.answers
        guard let code = answers[AreaForm.code], let level = answers[AreaForm.level] else {
            return nil
        }
        func id(_ bytes: Data?) -> AreaID? { bytes.flatMap(SubjectID.init).map { AreaID($0) } }
        let codes = Set(state.included.compactMap { $0.answers[AreaForm.code] })
        return Area(
            id: AreaID(state.key.subject), code: code, name: answers[AreaForm.name] ?? "",
            level: level, parent: id(answers[AreaForm.parent]),
            managingUnit: answers[AreaForm.managingUnit],
            isWithdrawn: answers[AreaForm.withdrawn] ?? false,
            mergedInto: id(answers[AreaForm.mergedInto]),
            formerCodes: codes.subtracting([code]).sorted())
    }

    private static func columns(_ area: Area) -> StatementArguments {
        [
            area.id.column, area.code, area.name, area.level.rawValue, area.parent?.column,
            area.managingUnit, area.isWithdrawn, area.mergedInto?.column,
            area.formerCodes.joined(separator: " "),
        ]
    }

    func projectRound(_ state: RecordState) throws {
        let answers = state.answers
        guard let code = answers[RoundForm.code] else { return }
        let id = RoundID(state.key.subject)
        let before = try Rounds.context(of: id, in: db)
        try db.run(
            """
            INSERT INTO round (id, code, title, year, water_standard, state, opened)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET code = excluded.code, title = excluded.title,
                year = excluded.year, water_standard = excluded.water_standard,
                state = excluded.state, opened = excluded.opened
            """,
            [
                id.column, code, answers[RoundForm.title] ?? code, answers[RoundForm.year] ?? 0,
                (answers[RoundForm.waterStandard] ?? .tches2018).rawValue,
                (answers[RoundForm.state] ?? .open).rawValue,
                state.included.map(\.header.deviceTime).min() ?? 0,
            ])
        // Checks that were judged without the round's rules are judged again.
        if try Rounds.context(of: id, in: db) != before {
            try DirtyRecords.mark(
                "SELECT subject, kind, round FROM check_state WHERE round = ?",
                [try db.number(of: id)], in: db)
        }
    }

    func projectAccount(_ state: RecordState) throws {
        let answers = state.answers
        guard let role = answers[UserForm.role] else { return }
        try db.run(
            """
            INSERT INTO account (id, name, role, areas, revoked) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role,
                areas = excluded.areas, revoked = excluded.revoked
            """,
            [
                UserID(state.key.subject).column, answers[UserForm.name] ?? "", role.rawValue,
                (answers[UserForm.areas]?.texts ?? []).sorted().joined(separator: " "),
                answers[UserForm.revoked] ?? false,
            ])
    }

    func projectDevice(_ state: RecordState) throws {
        let answers = state.answers
        guard let key = answers[DeviceForm.publicKey],
            let user = answers[DeviceForm.user].flatMap(SubjectID.init)
        else { return }
        let replica = ReplicaID(publicKey: key)
        try db.run(
            """
            INSERT INTO device (replica, public_key, root, account, revoked, enrolled_on)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (replica) DO UPDATE SET account = excluded.account,
                root = excluded.root, revoked = excluded.revoked,
                enrolled_on = excluded.enrolled_on
            """,
            [
                replica.bytes, key, answers[DeviceForm.endorsedBy] ?? replica.bytes,
                UserID(user).column, answers[DeviceForm.revoked] ?? false,
                answers[DeviceForm.enrolledOn].map { Int64($0.daysSinceEpoch) },
            ])
    }

    /// Writes whether the edit counts, and projects its record again when that changed.
    func projectDecision(_ subject: Int64, _ state: RecordState) throws {
        // A device may write any key; of this kind only the server's own are decisions.
        guard state.key.round == .register else { return }
        let answers = state.answers
        // The subject is the first half of the edit's id.
        if state.isEmpty {
            let half = state.key.subject.bytes
            try db.run(
                "DELETE FROM exclusion WHERE edit BETWEEN ? AND ?",
                [half, half + Data(repeating: 0xFF, count: 16)])
        }
        guard let id = answers[DecisionForm.edit].flatMap(EditID.init),
            RecordKey.decision(about: id) == state.key,
            let replica = answers[DecisionForm.replica].flatMap(ReplicaID.init),
            let counter = answers[DecisionForm.counter]
        else { return }
        let log = try SegmentLog.logNumber(of: replica, in: db)
        let (excludedState, reason): (String?, HoldReason?) =
            switch inclusion(by: state) {
            case .included: (nil, nil)
            case .held(let reason): ("held", reason)
            case .rejected: ("rejected", nil)
            }
        if let excludedState {
            try db.run(
                """
                INSERT INTO exclusion (edit, log, counter, state, reason) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (edit) DO UPDATE SET state = excluded.state, reason = excluded.reason
                """, [id.bytes, log, counter, excludedState, reason?.rawValue])
        } else {
            try db.run("DELETE FROM exclusion WHERE edit = ?", [id.bytes])
        }
        let edits = try self.log.edits(ofLog: log, at: counter).filter { $0.id == id }
        for edit in edits { try Records.invalidate(edit.header.record, in: db) }
        try db.run(
            edits.isEmpty
                ? "INSERT OR IGNORE INTO awaited_edit (subject) VALUES (?)"
                : "DELETE FROM awaited_edit WHERE subject = ?", [subject])
    }
}
