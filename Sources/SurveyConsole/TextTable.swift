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

    /// Lines without trailing spaces; two spaces between columns.
    public var lines: [String] {
        var widths = alignments.map { _ in 0 }
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.displayWidth)
            }
        }
        return rows.map { row in
            var line = zip(row.indices, row).map { column, cell in
                cell.padded(to: widths[column], onLeft: alignments[column] == .right)
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    public func print() { for line in lines { Swift.print(line) } }
}
