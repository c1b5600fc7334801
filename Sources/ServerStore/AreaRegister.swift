import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync

/// Writes changes of the register of areas, each area at most once in a transaction.
///
/// A change counts from the next round on: the edit names the rounds that were opened before, and
/// they keep the register as it was. What is new also counts in rounds that are open.
struct AreaRegister {
    private let db: Database
    private let opened: TextSet
    private let closed: TextSet

    init(_ db: Database) throws {
        self.db = db
        let rounds = try Rounds.all(in: db)
        opened = TextSet(Set(rounds.map(\.id.text)))
        closed = TextSet(Set(rounds.filter { !$0.isOpen }.map(\.id.text)))
    }

    /// Writes what differs from `before`; nil when the area is new.
    func write(_ area: Area, over before: Area?, _ draft: inout ServerLog.Draft) throws {
        var identity = Answers()
        identity[AreaForm.code] = area.code
        identity[AreaForm.name] = area.name
        identity[AreaForm.level] = area.level
        identity[AreaForm.parent] = area.parent?.subject.bytes
        var scope = Answers()
        scope[AreaForm.managingUnit] = area.managingUnit
        var state = Answers()
        state[AreaForm.withdrawn] = area.isWithdrawn
        state[AreaForm.mergedInto] = area.mergedInto?.subject.bytes
        var written: [Answers] = []
        if let before {
            if (before.code, before.name, before.parent) != (area.code, area.name, area.parent) {
                written.append(identity)
            }
            if before.managingUnit != area.managingUnit { written.append(scope) }
            if (before.isWithdrawn, before.mergedInto) != (area.isWithdrawn, area.mergedInto) {
                written.append(state)
            }
        } else {
            written = area.level == .village ? [identity, scope] : [identity]
        }
        guard !written.isEmpty else { return }
        let without = before == nil ? closed : opened
        if !without.texts.isEmpty {
            var rounds = Answers()
            rounds[AreaForm.notInRounds] = without
            written.append(rounds)
        }
        let sections = written.map { AreaForm.form.sections($0) }
            .reduce(into: [:]) { $0.merge($1) { _, new in new } }
        let record = RecordKey(kind: .area, subject: area.id.subject)
        let seen = try Records.state(of: record, in: db)
            .references(writing: Set(sections.keys))
        try draft.append(record, in: .reserved, sections, seen: seen)
    }

    // MARK: Assignments

    /// The areas by which every user keeps exactly the villages that they have: assignments follow
    /// places, and no merge gives anybody more.
    static func keepingScopes(of users: [RegisteredUser], _ before: AreaTree, _ after: AreaTree)
        -> [(user: RegisteredUser, areas: Set<AreaID>)]
    {
        users.compactMap { user in
            guard user.role != .administrator else { return nil }
            func villages(_ areas: Set<AreaID>, _ tree: AreaTree) -> Set<AreaID> {
                Set(areas.flatMap { tree.villages(under: $0).map(\.id) })
            }
            let had = villages(user.areas, before)
            let has = villages(user.areas, after)
            // What is new is everybody's who has what it is in.
            let gained = has.subtracting(had).filter { before[$0] != nil }
            var areas = user.areas.union(had.subtracting(has))
            guard areas != user.areas || !gained.isEmpty else { return nil }
            for area in user.areas {
                let parts = Self.parts(of: area, without: gained, in: after)
                if parts != [area] { areas = areas.subtracting([area]).union(parts) }
            }
            return (user, areas)
        }
    }

    /// The greatest areas under one that contain none of some villages.
    private static func parts(of area: AreaID, without villages: Set<AreaID>, in tree: AreaTree)
        -> Set<AreaID>
    {
        let under = tree.villages(under: area)
        guard under.contains(where: { villages.contains($0.id) }) else { return [area] }
        if villages.contains(area) { return [] }
        return Set(
            tree.children(of: area).flatMap { parts(of: $0.id, without: villages, in: tree) })
    }
}
