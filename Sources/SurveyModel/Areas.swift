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

/// An area as the register has it today.
public struct Area: Sendable, Hashable {
    public let id: AreaID
    /// 4, 6, 9 or 12 digits; always text.
    public let code: String
    public let name: String
    public let level: AreaLevel
    public let parent: AreaID?
    /// The unit that supervises a village; not always its statutory county.
    public let managingUnit: String?

    public init(
        id: AreaID, code: String, name: String, level: AreaLevel, parent: AreaID?,
        managingUnit: String?
    ) {
        self.id = id
        self.code = code
        self.name = name
        self.level = level
        self.parent = parent
        self.managingUnit = managingUnit
    }
}

/// All areas, with the two ways up: the statutory parent and the managing unit.
public struct AreaTree: Sendable {
    public let areas: [AreaID: Area]
    private let children: [AreaID: [AreaID]]

    public init(_ areas: [Area]) {
        self.areas = Dictionary(areas.map { ($0.id, $0) }) { first, _ in first }
        var children: [AreaID: [AreaID]] = [:]
        for area in areas {
            if let parent = area.parent { children[parent, default: []].append(area.id) }
        }
        self.children = children
    }

    public subscript(id: AreaID) -> Area? { areas[id] }

    public var villages: [Area] {
        areas.values.filter { $0.level == .village }.sorted { $0.code < $1.code }
    }

    /// The villages under an area, itself if it is one. Sorted by code.
    public func villages(under root: AreaID) -> [Area] {
        var found: [Area] = []
        var open = [root]
        var seen: Set<AreaID> = []
        while let id = open.popLast() {
            guard seen.insert(id).inserted, let area = areas[id] else { continue }
            if area.level == .village { found.append(area) }
            open.append(contentsOf: children[id] ?? [])
        }
        return found.sorted { $0.code < $1.code }
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

    /// The areas that a code of any level, or the name of a managing unit or an area, stands for.
    public func find(_ text: String) -> [Area] {
        let text = text.folded
        let byCode = areas.values.filter { $0.code.folded == text }
        if !byCode.isEmpty { return byCode.sorted { $0.code < $1.code } }
        let managed = villages.filter { $0.managingUnit?.folded == text }
        if !managed.isEmpty { return managed }
        let byPrefix = villages.filter { !text.isEmpty && $0.code.hasPrefix(text) }
        if !byPrefix.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return byPrefix
        }
        return areas.values.filter { $0.name.folded == text }.sorted { $0.code < $1.code }
    }
}

extension [Area] {
    /// The villages under these areas, each once.
    public func villages(in tree: AreaTree) -> [Area] {
        var seen: Set<AreaID> = []
        return flatMap { tree.villages(under: $0.id) }.filter { seen.insert($0.id).inserted }
    }
}
