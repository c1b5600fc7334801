/// Rows in columns that align, whatever the script.
public struct TextTable: Sendable {
    public enum Alignment: Sendable { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]]
    private let heading: Bool

    public init(_ columns: [(heading: String, alignment: Alignment)]) {
        alignments = columns.map(\.alignment)
        heading = columns.contains { !$0.heading.isEmpty }
        rows = heading ? [columns.map(\.heading)] : []
    }

    public mutating func add(_ row: [String]) { rows.append(row.map(\.printable)) }

    private var widths: [Int] {
        var widths = alignments.map { _ in 0 }
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.displayWidth)
            }
        }
        return widths
    }

    /// Lines without trailing spaces; two spaces between columns.
    public var lines: [String] {
        let widths = self.widths
        return rows.map { line($0, widths.indices, widths) }
    }

    private func line(_ row: [String], _ columns: Range<Int>, _ widths: [Int]) -> String {
        var line = columns.clamped(to: row.indices).map { column in
            row[column].padded(to: widths[column], onLeft: alignments[column] == .right)
        }.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }

    /// Lines of at most so many columns: of a table that is wider, the last columns stand below the
    /// first ones, in every row alike. Nothing is left out.
    public func lines(within width: Int) -> [String] {
        let whole: [String] = lines
        guard whole.contains(where: { $0.displayWidth > width }) else { return whole }
        let widths = self.widths
        let groups = Self.groups(widths, within: width)
        let margin = String(repeating: " ", count: Self.indent)
        return rows.flatMap { row in
            groups.flatMap { columns -> [String] in
                let line = self.line(row, columns, widths)
                guard columns.lowerBound > 0 else {
                    return line.wrapped(to: width, indent: Self.indent)
                }
                return line.isEmpty
                    ? [] : (margin + line).wrapped(to: width, indent: Self.indent)
            }
        }
    }

    private static let indent = 4

    /// Which columns stand beside each other.
    private static func groups(_ widths: [Int], within width: Int) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var start = 0
        var used = 0
        for (column, wanted) in widths.enumerated() {
            guard column > start else {
                used = wanted
                continue
            }
            if used + 2 + wanted + (groups.isEmpty ? 0 : indent) > width {
                groups.append(start..<column)
                start = column
                used = wanted
            } else {
                used += 2 + wanted
            }
        }
        return groups + [start..<widths.count]
    }

    public func print() { for line in lines(within: Console.tableWidth) { Swift.print(line) } }
}
