/// The level of an area in the division of the country.
public enum AreaLevel: String, SurveyCode, Comparable {
    case city
    case county
    case township
    case village

    public static let listName = "area_level"

    public var label: Label {
        switch self {
        case .city: Label(zh: "市", en: "city")
        case .county: Label(zh: "县", en: "county")
        case .township: Label(zh: "乡镇", en: "township")
        case .village: Label(zh: "村", en: "village")
        }
    }

    private var depth: Int {
        switch self {
        case .city: 0
        case .county: 1
        case .township: 2
        case .village: 3
        }
    }

    public static func < (a: AreaLevel, b: AreaLevel) -> Bool { a.depth < b.depth }
}

/// An area as a register has it.
public struct Area: Sendable, Hashable {
    public let id: AreaID
    /// 4, 6, 9 or 12 digits; always text.
    public var code: String
    public var name: String
    public let level: AreaLevel
    public var parent: AreaID?
    /// The unit that supervises a village; not always its statutory county.
    public var managingUnit: String?
    /// It is no place any more. What was registered in it stays in it.
    public var isWithdrawn: Bool
    /// The area that took a withdrawn one in.
    public var mergedInto: AreaID?
    /// Codes that it had before, ascending.
    public let formerCodes: [String]

    public init(
        id: AreaID, code: String, name: String, level: AreaLevel, parent: AreaID?,
        managingUnit: String?, isWithdrawn: Bool = false, mergedInto: AreaID? = nil,
        formerCodes: [String] = []
    ) {
        self.id = id
        self.code = code
        self.name = name
        self.level = level
        self.parent = parent
        self.managingUnit = managingUnit
        self.isWithdrawn = isWithdrawn
        self.mergedInto = mergedInto
        self.formerCodes = formerCodes
    }
}

/// All areas, with the two ways up: the statutory parent and the managing unit. Withdrawn ones are
/// part of it: households that are registered in them are read and counted as before.
public struct AreaTree: Sendable {
    public let areas: [AreaID: Area]
    private let children: [AreaID: [AreaID]]
    /// What was merged into an area.
    private let merged: [AreaID: [AreaID]]

    public init(_ areas: [Area]) {
        self.areas = Dictionary(areas.map { ($0.id, $0) }) { first, _ in first }
        var children: [AreaID: [AreaID]] = [:]
        var merged: [AreaID: [AreaID]] = [:]
        for area in areas {
            if let parent = area.parent { children[parent, default: []].append(area.id) }
            if area.isWithdrawn, let target = area.mergedInto {
                merged[target, default: []].append(area.id)
            }
        }
        self.children = children
        self.merged = merged
    }

    public subscript(id: AreaID) -> Area? { areas[id] }

    public var villages: [Area] {
        areas.values.filter { $0.level == .village }.sorted(by: Self.precedes)
    }

    /// Areas directly below one.
    public func children(of id: AreaID) -> [Area] {
        (children[id] ?? []).compactMap { areas[$0] }.sorted(by: Self.precedes)
    }

    /// The villages under an area, itself if it is one: what somebody reads who is assigned to it.
    /// Sorted by code.
    public func villages(under root: AreaID) -> [Area] {
        villages(from: [root]) { children[$0] ?? [] }
    }

    /// The villages of a place: those under it, and those that were merged into it or them.
    public func villages(within root: AreaID) -> [Area] {
        villages(from: [root]) { (children[$0] ?? []) + (merged[$0] ?? []) }
    }

    private func villages(from roots: [AreaID], _ next: (AreaID) -> [AreaID]) -> [Area] {
        var found: [Area] = []
        var open = roots
        var seen: Set<AreaID> = []
        while let id = open.popLast() {
            guard seen.insert(id).inserted, let area = areas[id] else { continue }
            if area.level == .village { found.append(area) }
            open.append(contentsOf: next(id))
        }
        return found.sorted(by: Self.precedes)
    }

    /// The area that stands for one: itself, or what a withdrawn one was merged into.
    public func standing(for id: AreaID) -> AreaID {
        var (current, steps) = (id, 0)
        while let area = areas[current], area.isWithdrawn, let next = area.mergedInto,
            areas[next] != nil, steps < 8
        {
            (current, steps) = (next, steps + 1)
        }
        return current
    }

    /// The area itself, then its parent, up to the city.
    public func path(of id: AreaID) -> [Area] {
        var path: [Area] = []
        var next: AreaID? = id
        while let id = next, let area = areas[id], path.count < 8 {
            path.append(area)
            next = area.parent
        }
        return path
    }

    /// The areas that a code of any level, or the name of a managing unit or an area, stands for. A
    /// code that no area has any more stands for the one that had it.
    public func find(_ text: String) -> [Area] {
        let text = text.folded
        guard !text.isEmpty else { return [] }
        func having(_ isMeant: (Area) -> Bool) -> [Area]? {
            let found = areas.values.filter(isMeant).sorted(by: Self.precedes)
            return found.isEmpty ? nil : found
        }
        let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return having { $0.code.folded == text && !$0.isWithdrawn } ?? having {
            $0.code.folded == text
        }
            ?? (isNumber ? having { $0.formerCodes.contains(text) } : nil)
            ?? having { $0.level == .village && $0.managingUnit?.folded == text }
            ?? (isNumber
                ? having { $0.level == .village && $0.code.hasPrefix(text) } : nil)
            ?? having { $0.name.folded == text } ?? []
    }

    /// Codes that some village had and has no more, or a withdrawn one has.
    public var retiredVillageCodes: Set<String> {
        villages.reduce(into: []) { codes, village in
            codes.formUnion(village.formerCodes)
            if village.isWithdrawn { codes.insert(village.code) }
        }
    }

    private static func precedes(_ a: Area, _ b: Area) -> Bool {
        (a.code, a.id.rawValue) < (b.code, b.id.rawValue)
    }
}

extension [Area] {
    /// Those that are not withdrawn, or all where none stands any more.
    public var standing: [Area] {
        let standing = filter { !$0.isWithdrawn }
        return standing.isEmpty ? self : standing
    }

    /// The villages of these places, each once.
    public func villages(in tree: AreaTree) -> [Area] {
        var seen: Set<AreaID> = []
        return flatMap { tree.villages(within: $0.id) }.filter { seen.insert($0.id).inserted }
    }
}
