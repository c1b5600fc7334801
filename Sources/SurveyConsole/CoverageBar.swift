import SurveyCoverage

/// Ten cells that show how far a guarantee is: safe, unsafe, contested, and the rest.
///
/// A part that is there is seen, and none looks larger than it is by a whole cell: what is safe ends
/// in eighths of one, and less than a tenth that is unsafe is an exclamation mark.
enum CoverageBar {
    private static let width = 10
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    static func text(_ count: GuaranteeCount) -> String {
        text(
            safe: count.safe, bad: count.unsafe, contested: count.contested,
            rest: count.notAssessed, of: count.registered)
    }

    static func text(safe: Int, bad: Int, contested: Int, rest: Int, of all: Int) -> String {
        guard all > 0 else { return String(repeating: " ", count: width) }
        func cells(_ part: Int) -> Int { part <= 0 ? 0 : max(1, part * width / all) }
        let filled = safe <= 0 ? 0 : max(1, safe * width * 8 / all)
        var parts = [(filled + 7) / 8, cells(bad), cells(contested), cells(rest)]
        let shares = [safe, bad, contested, rest]
        // The largest part gives way, or takes what is left.
        while parts.reduce(0, +) != width {
            let step = parts.reduce(0, +) > width ? -1 : 1
            let largest = shares.indices.max { shares[$0] < shares[$1] }!
            parts[largest] += step
        }
        let isSmall = bad * width < all
        return block(parts[0], filled)
            + String(repeating: isSmall ? "!" : "▒", count: max(0, parts[1]))
            + String(repeating: "?", count: max(0, parts[2]))
            + String(repeating: "░", count: max(0, parts[3]))
    }

    /// So many cells, the last of them partly filled where the eighths end in it.
    private static func block(_ cells: Int, _ filled: Int) -> String {
        guard cells > 0 else { return "" }
        guard filled < cells * 8, filled > (cells - 1) * 8 else {
            return String(repeating: "█", count: cells)
        }
        return String(repeating: "█", count: cells - 1) + eighths[filled % 8]
    }
}
