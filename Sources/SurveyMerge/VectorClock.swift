public import SurveyLog

/// How two edits, or two copies of a record, relate.
public enum Causality: String, Sendable {
    case same
    case before
    case after
    case concurrent
}

/// An edit's own dot together with the dots of its causal past, as exact references.
///
/// Not `replica → max`: with partial delivery a maximum covers edits that nobody saw.
/// Source: vector time, Mattern 1988; exact causal histories, Preguiça et al. 2010.
public struct VectorClock: Sendable, Hashable {
    public let references: Set<Reference>

    public init(_ references: Set<Reference>) { self.references = references }

    public func joined(with other: VectorClock) -> VectorClock {
        VectorClock(references.union(other.references))
    }
}

/// Compares two clocks: everything in `a` also in `b` means before.
public func compare(_ a: VectorClock, _ b: VectorClock) -> Causality {
    switch (a.references.isSubset(of: b.references), b.references.isSubset(of: a.references)) {
    case (true, true): .same
    case (true, false): .before
    case (false, true): .after
    case (false, false): .concurrent
    }
}

/// The causal history of a set of edits. Cost: O(references + edits² / 64), for explaining to people;
/// merging needs ``CausalDepth`` alone.
public struct History: Sendable {
    /// Every edit, and every one that another names, in any order.
    private let references: [Reference]
    private let places: [Reference: Int]
    /// Of each edit its own place and those of its past, a bit each.
    private var pasts: [[UInt64]]

    /// - Parameter edits: any edits; references to edits that are not among them are kept as they
    ///   are, so a partial copy compares rightly with a full one.
    public init(_ edits: some Sequence<Edit>) {
        let seen = Dictionary(edits.map { ($0.reference, $0.header.seen) }) { a, _ in a }
        // Those that stand on nothing first: one pass is enough, but where references lead in a circle.
        let depths = CausalDepth(edits)
        let all = Set(seen.keys).union(seen.values.joined())
        let references = all.map { (seen[$0] == nil ? 0 : depths.depth(of: $0), $0) }
            .sorted { $0 < $1 }.map(\.1)
        let places = Dictionary(
            uniqueKeysWithValues: references.enumerated().map { ($0.element, $0.offset) })
        let words = (references.count + 63) / 64
        var pasts = references.indices.map { place in
            var past = [UInt64](repeating: 0, count: words)
            past[place / 64] |= 1 << UInt64(place % 64)
            return past
        }
        var isDone = false
        while !isDone {
            isDone = true
            for (place, reference) in references.enumerated() {
                var past = pasts[place]
                for other in seen[reference] ?? [] {
                    let earlier = pasts[places[other]!]
                    for word in 0..<words { past[word] |= earlier[word] }
                }
                if past != pasts[place] {
                    pasts[place] = past
                    isDone = false
                }
            }
        }
        (self.references, self.places, self.pasts) = (references, places, pasts)
    }

    public func clock(of reference: Reference) -> VectorClock {
        guard let place = places[reference] else { return VectorClock([reference]) }
        return VectorClock(
            Set(references.indices.lazy.filter { has($0, in: place) }.map { references[$0] }))
    }

    /// How two edits relate: an edit that has the other in its past comes after it.
    public func causality(of a: Reference, and b: Reference) -> Causality {
        guard let x = places[a], let y = places[b] else { return a == b ? .same : .concurrent }
        return causality(at: x, and: y)
    }

    /// By what ``causality(at:and:)`` names an edit; nil for one that nobody here knows of.
    public func place(of reference: Reference) -> Int? { places[reference] }

    /// How two edits relate, by their places: cheap enough for every pair.
    public func causality(at a: Int, and b: Int) -> Causality {
        switch (has(a, in: b), has(b, in: a)) {
        case (true, true): .same
        case (true, false): .before
        case (false, true): .after
        case (false, false): .concurrent
        }
    }

    /// The join of all clocks: what a copy of the record knows.
    public var version: VectorClock { VectorClock(Set(references)) }

    private func has(_ place: Int, in later: Int) -> Bool {
        pasts[later][place / 64] & (1 << UInt64(place % 64)) != 0
    }
}
