import SurveyModel

/// Which places of the register the entries of a file are.
///
/// Places are paired from the city down: by code, name and parent; by the former code that the
/// file gives; by name where that is unique, in the parent and then in the county; townships and
/// counties also by the names of their villages; last, an entry that has the code of a place in
/// the same parent, whose names both are new or gone, is that place with another name. A code alone
/// never makes two places one: codes are given to other places.
struct AreaPairing {
    let tree: AreaTree
    let file: AreaFile
    private(set) var areas: [Int: AreaID] = [:]
    private(set) var entries: [AreaID: Int] = [:]
    /// Entries that could be several places, with those.
    private(set) var ambiguous: [Int: [AreaID]] = [:]
    /// Villages' folded names by what they are in.
    private let namesInArea: [AreaID: Set<String>]
    private let namesInEntry: [Int: Set<String>]

    init(_ file: AreaFile, with tree: AreaTree) {
        self.tree = tree
        self.file = file
        var inArea: [AreaID: Set<String>] = [:]
        for village in tree.villages where !village.isWithdrawn {
            for above in tree.path(of: village.id).dropFirst() {
                inArea[above.id, default: []].insert(village.name.folded)
            }
        }
        var inEntry: [Int: Set<String>] = [:]
        for position in file.entries(of: .village) {
            var above = file.entries[position].parent
            while let entry = above {
                inEntry[entry, default: []].insert(file.entries[position].name.folded)
                above = file.entries[entry].parent
            }
        }
        namesInArea = inArea
        namesInEntry = inEntry
        for level in [AreaLevel.city, .county, .township, .village] { pair(level) }
    }

    // MARK: What follows

    /// Whether the file speaks of everything in an area: it names the area, or most of its villages
    /// under other names.
    func covers(_ area: Area) -> Bool {
        if entries[area.id] != nil { return true }
        guard area.level == .township, let parent = area.parent, let county = entries[parent]
        else { return false }
        let (names, found) = (namesInArea[area.id] ?? [], namesInEntry[county] ?? [])
        return !names.isEmpty && names.intersection(found).count * 2 >= names.count
    }

    // MARK: Pairing

    private mutating func pair(_ level: AreaLevel) {
        let standing = tree.areas.values.filter { $0.level == level && !$0.isWithdrawn }
            .sorted { ($0.code, $0.id.rawValue) < ($1.code, $1.id.rawValue) }
        func open(_ areas: [Area]) -> [Area] { areas.filter { entries[$0.id] == nil } }
        func waiting() -> [Int] { file.entries(of: level).filter { areas[$0] == nil } }

        let byCode = Dictionary(standing.map { ($0.code, $0) }) { first, _ in first }
        for position in waiting() {
            guard let area = byCode[file.entries[position].code],
                area.name.folded == name(position), hasSameParent(position, area)
            else { continue }
            set(position, area.id)
        }
        for position in waiting() {
            guard let code = file.entries[position].formerCode, let area = byCode[code],
                entries[area.id] == nil
            else { continue }
            set(position, area.id)
        }
        pairByName(waiting(), open(standing)) { [self] position in
            file.entries[position].parent.flatMap { areas[$0] }
        } inArea: {
            $0.parent
        }
        if level == .village || level == .township {
            // A village of a township that the file does not name has not moved into one it names.
            let movable = open(standing).filter { area in
                level == .township || area.parent.flatMap { tree[$0] }.map(covers) ?? true
            }
            pairByName(waiting(), movable) { [self] position in
                file.county(of: position).flatMap { areas[$0] }
            } inArea: { [tree] area in
                tree.path(of: area.id).first { $0.level == .county }?.id
            }
        }
        if level == .township || level == .county { pairByVillages(waiting(), open(standing)) }
        for position in waiting() where ambiguous[position] == nil {
            guard let area = byCode[file.entries[position].code], entries[area.id] == nil,
                hasSameParent(position, area)
            else { continue }
            set(position, area.id)
        }
    }

    private mutating func set(_ position: Int, _ area: AreaID) {
        areas[position] = area
        entries[area] = position
        ambiguous[position] = nil
    }

    private func name(_ position: Int) -> String { file.entries[position].name.folded }

    private func hasSameParent(_ position: Int, _ area: Area) -> Bool {
        file.entries[position].parent.flatMap { areas[$0] } == area.parent
    }

    private struct Place: Hashable {
        let within: AreaID?
        let name: String
    }

    /// Pairs what has one name in one place, once on either side.
    private mutating func pairByName(
        _ positions: [Int], _ standing: [Area], in place: (Int) -> AreaID?,
        inArea: (Area) -> AreaID?
    ) {
        let old = Dictionary(grouping: standing) {
            Place(within: inArea($0), name: $0.name.folded)
        }
        // A new place is in nothing that the register has.
        let new = Dictionary(
            grouping: positions.filter { place($0) != nil || file.entries[$0].parent == nil }
        ) { Place(within: place($0), name: name($0)) }
        for (key, positions) in new.sorted(by: { $0.value[0] < $1.value[0] }) {
            guard let candidates = old[key] else { continue }
            if positions.count == 1, candidates.count == 1 {
                set(positions[0], candidates[0].id)
            } else {
                for position in positions { ambiguous[position] = candidates.map(\.id) }
            }
        }
    }

    /// Pairs townships, or counties, of which most villages are the same, by name.
    private mutating func pairByVillages(_ positions: [Int], _ standing: [Area]) {
        for position in positions where ambiguous[position] == nil {
            let parent = file.entries[position].parent.flatMap { areas[$0] }
            let names = namesInEntry[position] ?? []
            let same = standing.filter { area in
                guard entries[area.id] == nil, area.parent == parent, !names.isEmpty else {
                    return false
                }
                let others = namesInArea[area.id] ?? []
                let shared = names.intersection(others).count * 2
                return shared > names.count && shared > others.count
            }
            if same.count == 1 { set(position, same[0].id) }
        }
    }
}
