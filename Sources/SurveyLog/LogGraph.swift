public import Foundation
internal import SurveyModel

/// The segments of one log as a graph of (counter, chain value) points.
///
/// Segments may overlap, arrive in any order, leave gaps and, after a clone, fork. A point is held
/// when some segment passes through it.
public struct LogGraph: Sendable {
    /// A segment without its bytes.
    public struct Span: Sendable {
        public let first: UInt64
        public let previous: ChainValue
        public let edits: [EditID]
        /// Chain values after each edit, in order.
        public let chain: [ChainValue]

        public init(first: UInt64, previous: ChainValue, edits: [EditID]) {
            self.first = first
            self.previous = previous
            self.edits = edits
            var chain: [ChainValue] = []
            for id in edits { chain.append((chain.last ?? previous).appending(id)) }
            self.chain = chain
        }

        /// A segment of which the disk has changed some edit: it begins and ends where its frame says, and
        /// nobody knows what lies between.
        package init(unreadable frame: SegmentFrame) {
            first = frame.first
            previous = frame.previous
            let unknown = (0..<frame.count).map { place in
                EditID(
                    header: frame.resulting.bytes + place.bigEndianBytes,
                    bodyHash: frame.previous.bytes)
            }
            edits = unknown
            var chain: [ChainValue] = []
            for id in unknown.dropLast() { chain.append((chain.last ?? previous).appending(id)) }
            self.chain = chain + [frame.resulting]
        }
    }

    /// An edit's place in a log: the chain value tells branches apart.
    public struct Point: Sendable, Hashable {
        public let counter: UInt64
        public let chain: ChainValue

        public init(counter: UInt64, chain: ChainValue) {
            self.counter = counter
            self.chain = chain
        }
    }

    private let replica: ReplicaID
    private let start: ChainValue
    /// Point → the points that follow it directly.
    private var next: [Point: Set<Point>] = [:]
    /// Point → the one before it: a chain value has one past.
    private var previous: [Point: Point] = [:]

    public init(publicKey: Data, spans: some Sequence<Span>) {
        self.replica = ReplicaID(publicKey: publicKey)
        self.start = ChainValue(publicKey: publicKey)
        for span in spans {
            var here = Point(counter: span.first - 1, chain: span.previous)
            for (offset, value) in span.chain.enumerated() {
                let point = Point(counter: span.first + UInt64(offset), chain: value)
                next[here, default: []].insert(point)
                previous[point] = here
                here = point
            }
        }
    }

    /// Ends of the log that are contiguous from counter 1, and ends that lie beyond a gap.
    ///
    /// A leaf claims nothing below the first edit of its run. Two tips mean a fork.
    public func ends() -> (tips: [Tip], leaves: [Tip]) {
        let origin = Point(counter: 0, chain: start)
        let reached = reachable(from: origin)
        func ends(_ points: some Sequence<Point>) -> [Tip] {
            points.filter { next[$0] == nil && $0.counter > 0 }
                .map {
                    Tip(
                        replica: replica, counter: $0.counter, chain: $0.chain,
                        first: firstOfRun(endingAt: $0))
                }
                .sorted {
                    $0.counter == $1.counter
                        ? $0.chain.bytes.lexicographicallyPrecedes($1.chain.bytes)
                        : $0.counter < $1.counter
                }
        }
        return (ends(reached), ends(Set(previous.keys).subtracting(reached)))
    }

    private func firstOfRun(endingAt end: Point) -> UInt64 {
        var first = end
        while let before = previous[first], previous[before] != nil { first = before }
        return first.counter
    }

    private func reachable(from origin: Point) -> Set<Point> {
        var reached: Set<Point> = []
        var open = [origin]
        while let point = open.popLast() {
            guard reached.insert(point).inserted else { continue }
            open.append(contentsOf: next[point] ?? [])
        }
        return reached
    }
}

extension LogGraph {
    /// Every edit of a log that is here, by its place, whatever the branch.
    public static func points(of spans: [Span]) -> [Point: EditID] {
        var points: [Point: EditID] = [:]
        for span in spans {
            for (offset, (chain, id)) in zip(span.chain, span.edits).enumerated() {
                points[Point(counter: span.first + UInt64(offset), chain: chain)] = id
            }
        }
        return points
    }

    /// Those at or below some ends: each end its own run, back to the first edit of it.
    public static func held(_ spans: [Span], ends: [Tip]) -> Set<Point> {
        let byChain = Dictionary(points(of: spans).keys.map { ($0.chain, $0) }) { a, _ in a }
        var previous: [ChainValue: ChainValue] = [:]
        for span in spans {
            var last = span.previous
            for value in span.chain {
                previous[value] = last
                last = value
            }
        }
        var held: Set<Point> = []
        for end in ends {
            var chain: ChainValue? = end.chain
            while let value = chain, let point = byChain[value], point.counter >= end.first {
                held.insert(point)
                chain = previous[value]
            }
        }
        return held
    }
}
