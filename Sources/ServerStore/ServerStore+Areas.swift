internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyMerge
internal import SurveyModel
internal import SurveyStore

/// Changes of the register of areas that an administrator makes one by one. Each is an edit and can
/// be taken back by another.
extension ServerStore {
    /// Withdraws areas that are no places any more, or takes that back. What is registered in them
    /// stays in them. A merge moved the areas below, too, and is taken back as a merge.
    public func withdrawAreas(_ codes: [String], undo: Bool = false) throws -> AreaPlan {
        try changeAreas { _, tree in
            let areas = try Self.areas(codes, withdrawn: undo, in: tree)
            let ids = Set(areas.map(\.id))
            return try areas.map { area in
                let left = tree.children(of: area.id).filter { !$0.isWithdrawn }
                guard undo || left.allSatisfy({ ids.contains($0.id) }) else {
                    throw Failure(.occupiedArea, area.code)
                }
                guard area.mergedInto == nil else { throw Failure(.notWithdrawn, area.code) }
                var area = area
                area.isWithdrawn = !undo
                return area
            }
        }
    }

    /// Merges areas into another of their level, or takes that back. Households stay in the village
    /// that they are registered in, and are listed and counted with the other; areas below get
    /// another parent. Everybody keeps the villages that they have.
    public func mergeAreas(_ codes: [String], into target: String, undo: Bool = false) throws
        -> AreaPlan
    {
        try changeAreas { db, tree in
            let into = try Self.areas([target], withdrawn: false, in: tree)[0]
            return try Self.areas(codes, withdrawn: undo, in: tree).flatMap { area in
                guard area.level == into.level, area.id != into.id,
                    !undo || area.mergedInto == into.id
                else { throw Failure(undo ? .notWithdrawn : .unknownArea, area.code) }
                let moving = try tree.children(of: undo ? into.id : area.id).filter { child in
                    try !child.isWithdrawn
                        && (!undo || Self.wasIn(area.id, child.id, db))
                }
                var changed = area
                changed.isWithdrawn = !undo
                changed.mergedInto = undo ? nil : into.id
                return [changed]
                    + moving.map { child in
                        var child = child
                        child.parent = undo ? area.id : into.id
                        return child
                    }
            }
        }
    }

    /// Gives areas other codes, with those of everything below them. Codes may be exchanged in one
    /// go, and the reverse takes it back.
    public func renumberAreas(_ codes: [(old: String, new: String)]) throws -> AreaPlan {
        let codes = codes.map { ($0.old.folded, $0.new.folded) }
        return try changeAreas { _, tree in
            let areas = try Self.areas(codes.map(\.0), withdrawn: false, in: tree)
            var changed: [AreaID: Area] = [:]
            func renumber(_ area: Area, _ code: String) {
                for child in tree.children(of: area.id) where !child.isWithdrawn {
                    guard child.code.hasPrefix(area.code) else { continue }
                    renumber(child, code + child.code.dropFirst(area.code.count))
                }
                changed[area.id] = area
                changed[area.id]?.code = code
            }
            // From above: what is named itself gets the code that is named.
            let named = zip(areas, codes.map(\.1)).sorted { $0.0.level < $1.0.level }
            for (area, code) in named {
                let parent = area.parent.flatMap { changed[$0] ?? tree[$0] }
                guard code.isDigits(area.code.utf8.count), code.hasPrefix(parent?.code ?? "") else {
                    throw Failure(.takenCode, code)
                }
                renumber(area, code)
            }
            return Array(changed.values)
        }
    }

    // MARK: Writing

    private func changeAreas(
        _ decide: @escaping @Sendable (Database, AreaTree) throws -> [Area]
    ) throws -> AreaPlan {
        try append { db, draft, settlement in
            let tree = try Areas.tree(in: db)
            let changed = try decide(db, tree).filter { $0 != tree[$0.id] }
                .sorted { ($0.level, $0.code) < ($1.level, $1.code) }
            let result = AreaTree(
                Array(
                    tree.areas.merging(changed.map { ($0.id, $0) }) { _, new in new }.values))
            try Self.checkCodes(of: changed, in: result)
            var plan = AreaPlan()
            let register = try AreaRegister(db)
            for after in changed {
                guard let before = tree[after.id] else { continue }
                plan.changes.append(
                    AreaPlan.Change(
                        kinds: AreaPlan.kinds(from: before, to: after), level: after.level,
                        before: before, after: after,
                        others: [after.mergedInto].compactMap { $0.flatMap { tree[$0] } }))
                try register.write(after, over: before, &draft)
            }
            for scope in AreaRegister.keepingScopes(of: try Accounts.all(in: db), tree, result) {
                plan.users.append(scope.user.name)
                try Self.assign(scope.user, scope.areas, db, &draft, &settlement)
            }
            return plan
        }
    }

    /// A code stands for one area.
    private static func checkCodes(of changed: [Area], in tree: AreaTree) throws(Failure) {
        let standing = tree.areas.values.filter { !$0.isWithdrawn }
        let holders = Dictionary(grouping: standing, by: \.code)
        for area in changed where !area.isWithdrawn {
            guard holders[area.code]?.count == 1 else { throw Failure(.takenCode, area.code) }
        }
    }

    /// The areas that codes, or ids, stand for, each once.
    private static func areas(_ codes: [String], withdrawn: Bool, in tree: AreaTree) throws
        -> [Area]
    {
        var seen: Set<AreaID> = []
        return try codes.map { text in
            let text = text.folded
            let found = tree.areas.values.filter {
                $0.isWithdrawn == withdrawn && ($0.code == text || $0.id.text == text)
            }
            guard let area = found.first else {
                throw Failure(withdrawn ? .notWithdrawn : .unknownArea, text)
            }
            guard found.count == 1, seen.insert(area.id).inserted else {
                throw Failure(
                    .ambiguousSubject, found.map(\.id.text).sorted().joined(separator: ", "))
            }
            return area
        }
    }

    /// Whether an area's parent was another before the edits that say what it is now.
    private static func wasIn(_ parent: AreaID, _ area: AreaID, _ db: Database) throws -> Bool {
        let state = try Records.state(
            of: RecordKey(kind: .area, subject: area.subject), in: db)
        let identity = AreaForm.form.section(containing: AreaForm.parent.definition.tag)!.tag
        let last = state.sections[identity]?.siblings.flatMap { $0.edits.map(\.id) } ?? []
        let before = try fold(state.key, state.included, excluding: Set(last))
        return before.answers[AreaForm.parent] == parent.subject.bytes
    }
}

extension AreaPlan {
    static func kinds(from before: Area, to after: Area) -> [Kind] {
        var kinds: [Kind] = []
        if before.isWithdrawn != after.isWithdrawn {
            kinds.append(
                !after.isWithdrawn ? .reinstated : after.mergedInto == nil ? .withdrawn : .merged)
        }
        if before.name != after.name { kinds.append(.renamed) }
        if before.code != after.code { kinds.append(.renumbered) }
        if before.parent != after.parent { kinds.append(.moved) }
        if before.managingUnit != after.managingUnit { kinds.append(.unit) }
        return kinds
    }
}
