public import SurveyLog

/// How long the longest chain of edits is that each edit stands on.
///
/// An edit that saw nothing has depth 1; a reference to an edit that is not here counts as one
/// that saw nothing. Cost: O(references).
public struct CausalDepth: Sendable {
    private var depths: [Reference: Int] = [:]

    public init(_ edits: some Sequence<Edit>) {
        let seen = Dictionary(edits.map { ($0.reference, $0.header.seen) }) { a, _ in a }
        for start in seen.keys.sorted() { visit(start, seen) }
    }

    public func depth(of reference: Reference) -> Int { depths[reference] ?? 1 }

    /// Edits by depth, then by id: the same on every replica.
    public func deepest(_ edits: [Edit]) -> Edit? {
        edits.max { a, b in
            let (x, y) = (depth(of: a.reference), depth(of: b.reference))
            return x == y ? a.id < b.id : x < y
        }
    }

    /// Depth first, with a stack of its own: a log from the wire may be long. Where somebody has
    /// searched for checks until references lead in a circle, the step back counts 1; starting in
    /// the order of references, that is the same step everywhere.
    private mutating func visit(_ start: Reference, _ seen: [Reference: [Reference]]) {
        guard depths[start] == nil else { return }
        var open: [(reference: Reference, next: Int)] = [(start, 0)]
        var onPath: Set<Reference> = [start]
        while let (reference, next) = open.last {
            let past = seen[reference] ?? []
            if next < past.count {
                open[open.count - 1].next += 1
                let earlier = past[next]
                if depths[earlier] == nil, onPath.insert(earlier).inserted {
                    open.append((earlier, 0))
                }
            } else {
                depths[reference] = past.reduce(1) { max($0, 1 + (depths[$1] ?? 1)) }
                onPath.remove(reference)
                open.removeLast()
            }
        }
    }
}
