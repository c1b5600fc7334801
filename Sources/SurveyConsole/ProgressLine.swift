internal import Foundation

/// One line on standard error that says how far long work has come.
///
/// On a terminal it is redrawn; elsewhere nothing is printed.
public struct ProgressLine {
    private let isShown: Bool
    private var last = ContinuousClock.now - .seconds(1)
    private var isDrawn = false

    public init(isShown: Bool = Console.showsProgress) { self.isShown = isShown }

    /// - Parameter total: nil while it is not known.
    public mutating func show(_ what: String, done: Int, total: Int?) {
        guard isShown else { return }
        let now = ContinuousClock.now
        guard done == total || now - last >= .milliseconds(100) else { return }
        last = now
        isDrawn = true
        var line = "\(what) \(done)"
        if let total {
            let share = total == 0 ? 1 : Double(done) / Double(total)
            let full = Int(share * 30)
            line =
                "\(what) " + String(repeating: "█", count: full)
                + String(repeating: "░", count: 30 - full) + " \(done)/\(total)"
        }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }

    /// Takes the line away.
    public mutating func finish() {
        guard isDrawn else { return }
        isDrawn = false
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
