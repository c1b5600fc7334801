public import SurveyModel

/// What a file would do to the register of areas.
///
/// Additions and managing units are written without a question. Everything else makes codes and
/// names mean other places than before, so a person looks at it first.
public struct AreaPlan: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case added
        case unit
        case renamed
        case renumbered
        case moved
        case reinstated
        case merged
        case split
        case withdrawn
        case ambiguous

        /// Nothing that the register has means anything else by it.
        var isPlain: Bool { self == .added || self == .unit }
    }

    public struct Change: Sendable {
        public internal(set) var kinds: [Kind]
        public let level: AreaLevel
        /// nil when the place is new.
        public let before: Area?
        /// nil when nobody knows which place it is.
        public internal(set) var after: Area?
        /// What took it in, or the places that it could be.
        public let others: [Area]
    }

    /// From the city down, by code.
    public internal(set) var changes: [Change] = []
    /// Users whose areas are written anew so that each keeps the villages that they have.
    public internal(set) var users: [String] = []
    /// Villages that stay as they are.
    public internal(set) var unchanged = 0

    /// Whether somebody must accept it.
    public var needsDecision: Bool { changes.contains { !$0.kinds.allSatisfy(\.isPlain) } }
    /// How many changes cannot be made because nobody knows which place is meant.
    public var undecided: Int { changes.count { $0.kinds.contains(.ambiguous) } }
}

/// Makes a plan from a file and the register.
struct AreaPlanner {
    private let file: AreaFile
    private let tree: AreaTree
    private let pairing: AreaPairing
    /// Whether what the file leaves out stays.
    private let isPartial: Bool
    private let newID: (String) throws -> AreaID
    /// The areas of entries, new ones too.
    private var ids: [Int: AreaID] = [:]
    private var plan = AreaPlan()
    /// The register when all is done.
    private var result: [AreaID: Area]

    init(
        _ file: AreaFile, _ tree: AreaTree, isPartial: Bool,
        newID: @escaping (String) throws -> AreaID
    ) {
        self.file = file
        self.tree = tree
        self.pairing = AreaPairing(file, with: tree)
        self.isPartial = isPartial
        self.newID = newID
        self.result = tree.areas
    }

    mutating func make() throws -> (plan: AreaPlan, result: AreaTree) {
        for position in file.entries.indices { try place(position) }
        for area in tree.areas.values.sorted(by: { $0.code < $1.code })
        where !area.isWithdrawn && pairing.entries[area.id] == nil {
            leaveOut(area)
        }
        refuseSharedCodes()
        plan.changes.sort { a, b in
            let (x, y) = (a.after ?? a.before, b.after ?? b.before)
            return (a.level, x?.code ?? "") < (b.level, y?.code ?? "")
        }
        return (plan, AreaTree(Array(result.values)))
    }

    // MARK: Entries

    private mutating func place(_ position: Int) throws {
        let entry = file.entries[position]
        let parent = entry.parent.flatMap { ids[$0] }
        guard let known = pairing.areas[position].flatMap({ tree[$0] }) else {
            return try add(position, parent)
        }
        ids[position] = known.id
        var after = known
        var kinds: [AreaPlan.Kind] = []
        // A name that differs by what nobody sees is the same name.
        if known.name.folded != entry.name.folded {
            after.name = entry.name
            kinds.append(.renamed)
        }
        if known.code != entry.code {
            after.code = entry.code
            kinds.append(.renumbered)
        }
        if known.parent != parent {
            after.parent = parent
            kinds.append(.moved)
        }
        if entry.level == .village, known.managingUnit?.folded != entry.managingUnit?.folded {
            after.managingUnit = entry.managingUnit
            kinds.append(.unit)
        }
        guard !kinds.isEmpty else {
            if entry.level == .village { plan.unchanged += 1 }
            return
        }
        change(kinds, known, after, [])
    }

    private mutating func add(_ position: Int, _ parent: AreaID?) throws {
        let entry = file.entries[position]
        let former = tree.areas.values.first { area in
            area.isWithdrawn && area.level == entry.level && area.code == entry.code
                && area.name.folded == entry.name.folded && pairing.entries[area.id] == nil
        }
        if let former {
            ids[position] = former.id
            var after = former
            after.isWithdrawn = false
            after.mergedInto = nil
            after.parent = parent
            return change([.reinstated], former, after, [])
        }
        let id = try unusedID(entry, parent)
        ids[position] = id
        let area = Area(
            id: id, code: entry.code, name: entry.name, level: entry.level, parent: parent,
            managingUnit: entry.managingUnit)
        let others = (pairing.ambiguous[position] ?? []).compactMap { tree[$0] }
        if others.isEmpty {
            change([.added], nil, area, [])
        } else {
            result[id] = area
            plan.changes.append(
                AreaPlan.Change(
                    kinds: [.ambiguous], level: entry.level, before: nil, after: area,
                    others: others))
        }
    }

    /// The same for one place of one name in one parent, whatever its code.
    private func unusedID(_ entry: AreaEntry, _ parent: AreaID?) throws -> AreaID {
        let key = [entry.level.rawValue, parent?.text ?? "", entry.name.folded]
            .joined(separator: "\u{1F}")
        let id = try newID(key)
        // Two of one name in one parent differ by their codes.
        return result[id] == nil ? id : try newID(key + "\u{1F}" + entry.code)
    }

    private mutating func change(
        _ kinds: [AreaPlan.Kind], _ before: Area?, _ after: Area, _ others: [Area]
    ) {
        result[after.id] = after
        plan.changes.append(
            AreaPlan.Change(
                kinds: kinds, level: after.level, before: before, after: after, others: others))
    }

    // MARK: What the file leaves out

    private mutating func leaveOut(_ area: Area) {
        let said = file.withdrawals.first {
            $0.code == area.code && $0.name.folded == area.name.folded
        }
        guard said != nil || (!isPartial && isCovered(area)) else { return }
        if pairing.ambiguous.values.contains(where: { $0.contains(area.id) }) { return }
        var after = area
        after.isWithdrawn = true
        let takers = area.level == .village ? taker(said) : takers(of: area)
        after.mergedInto = takers.count == 1 ? takers[0].id : nil
        let kind: AreaPlan.Kind =
            switch takers.count {
            case 0: .withdrawn
            case 1: .merged
            default: .split
            }
        change([kind], area, after, takers)
    }

    private func isCovered(_ area: Area) -> Bool {
        guard let parent = area.parent.flatMap({ tree[$0] }) else { return false }
        return area.level == .village ? pairing.covers(parent) : pairing.covers(area)
    }

    /// What the file says took a village in.
    private func taker(_ said: AreaWithdrawal?) -> [Area] {
        guard let code = said?.mergedInto else { return [] }
        let position = file.entries.indices.first { file.entries[$0].code == code }
        let area =
            position.flatMap { ids[$0] }.flatMap { result[$0] }
            ?? tree.find(code).first { !$0.isWithdrawn }
        return area.map { [$0] } ?? []
    }

    /// Where the villages of a township, or the townships of a county, are now.
    private func takers(of area: Area) -> [Area] {
        let parents = tree.children(of: area.id).filter { !$0.isWithdrawn }
            .compactMap { result[$0.id] }.filter { !$0.isWithdrawn }.compactMap(\.parent)
        return Set(parents).subtracting([area.id]).compactMap { result[$0] }
            .sorted { $0.code < $1.code }
    }

    /// Two places that would have one code, one of them not in the file.
    private mutating func refuseSharedCodes() {
        let standing = result.values.filter { !$0.isWithdrawn }
        for (_, areas) in Dictionary(grouping: standing, by: \.code) where areas.count > 1 {
            for position in plan.changes.indices {
                guard let after = plan.changes[position].after, !after.isWithdrawn,
                    areas.contains(where: { $0.id == after.id }),
                    plan.changes[position].before?.code != after.code
                else { continue }
                plan.changes[position].kinds = [.ambiguous]
            }
        }
    }
}
