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

/// The causal history of a set of edits, as whole clocks. Cost: O(edits²), for explaining to
/// people; merging needs ``CausalDepth`` alone.
public struct History: Sendable {
    private let clocks: [Reference: VectorClock]

    /// - Parameter edits: any edits; references to edits that are not among them are kept as they
    ///   are, so a partial copy compares rightly with a full one.
    public init(_ edits: some Sequence<Edit>) {
        let seen = Dictionary(edits.map { ($0.reference, $0.header.seen) }) { a, _ in a }
        var clocks: [Reference: VectorClock] = [:]
        for reference in seen.keys {
            var past: Set<Reference> = []
            var open = [reference]
            while let next = open.popLast() {
                guard past.insert(next).inserted else { continue }
                open.append(contentsOf: seen[next] ?? [])
            }
            clocks[reference] = VectorClock(past)
        }
        self.clocks = clocks
    }

    public func clock(of reference: Reference) -> VectorClock {
        clocks[reference] ?? VectorClock([reference])
    }

    /// How two edits relate: an edit that has the other in its past comes after it.
    public func causality(of a: Reference, and b: Reference) -> Causality {
        switch (clock(of: b).references.contains(a), clock(of: a).references.contains(b)) {
        case (true, true): .same
        case (true, false): .before
        case (false, true): .after
        case (false, false): .concurrent
        }
    }

    /// The join of all clocks: what a copy of the record knows.
    public var version: VectorClock {
        VectorClock(clocks.values.reduce(into: []) { $0.formUnion($1.references) })
    }
}
