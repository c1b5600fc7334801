import Foundation

/// One line of the table: what was measured, beside what bare tools do on the same machine in the same
/// run.
struct Figure: Encodable {
    /// Repeated measurements of one thing.
    struct Samples: Encodable {
        let values: [Double]

        init(_ values: [Double]) { self.values = values }

        var median: Double {
            let sorted = values.sorted()
            let middle = sorted.count / 2
            return sorted.count.isMultiple(of: 2)
                ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        }
        var least: Double { values.min() ?? 0 }
        var most: Double { values.max() ?? 0 }

        private enum CodingKeys: String, CodingKey { case median, least, most, values }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(median, forKey: .median)
            try container.encode(least, forKey: .least)
            try container.encode(most, forKey: .most)
            try container.encode(values, forKey: .values)
        }
    }

    let row: String
    let what: String
    let unit: String
    let samples: Samples
    /// What is done without this program, and how fast that is.
    var baseline: String?
    var bare: Samples?

    init(_ row: String, _ what: String, _ unit: String, _ samples: [Double]) {
        (self.row, self.what, self.unit) = (row, what, unit)
        self.samples = Samples(samples)
    }

    func beside(_ baseline: String, _ bare: [Double]) -> Figure {
        var figure = self
        figure.baseline = baseline
        figure.bare = Samples(bare)
        return figure
    }

    /// This program's figure ÷ the bare one.
    var ratio: Double? { bare.map { samples.median / $0.median } }

    private enum CodingKeys: String, CodingKey {
        case row, what, unit, samples, baseline, bare, ratio
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(row, forKey: .row)
        try container.encode(what, forKey: .what)
        try container.encode(unit, forKey: .unit)
        try container.encode(samples, forKey: .samples)
        try container.encodeIfPresent(baseline, forKey: .baseline)
        try container.encodeIfPresent(bare, forKey: .bare)
        try container.encodeIfPresent(ratio, forKey: .ratio)
    }

    var line: String {
        var text = "  \(what.padded(46)) \(samples.words.leading(26)) \(unit)"
        if let baseline, let bare, let ratio {
            text += "   ÷ \(baseline) \(bare.words) = \(ratio.short)"
        }
        return text
    }
}

extension Figure.Samples {
    /// `median (least–most)`.
    fileprivate var words: String {
        values.count < 2 ? median.short : "\(median.short) (\(least.short)–\(most.short))"
    }
}

extension Double {
    /// Three digits that count.
    var short: String {
        switch abs(self) {
        case 0: "0"
        case ..<0.1: String(format: "%.4f", self)
        case ..<1: String(format: "%.3f", self)
        case ..<10: String(format: "%.2f", self)
        case ..<100: String(format: "%.1f", self)
        default: String(format: "%.0f", self)
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
    fileprivate func leading(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}

/// Seconds that something takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start).seconds
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
