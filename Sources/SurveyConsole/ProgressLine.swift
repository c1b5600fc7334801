internal import Foundation

/// One line on standard error that says how far long work has come.
///
/// On a terminal it is redrawn; elsewhere nothing is printed.
public struct ProgressLine {
    private let isShown: Bool
    private let start = ContinuousClock.now
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
                + estimate(share, now - start)
        }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }

    /// How long the rest takes when it goes on as before, once that can be said.
    private func estimate(_ share: Double, _ elapsed: Duration) -> String {
        let seconds = Double(elapsed.components.seconds)
        guard seconds >= 3, share > 0.02, share < 1 else { return "" }
        let left = Int(seconds / share * (1 - share))
        let text = left < 90 ? "\(left) s" : "\(left / 60) min"
        return localized(zh: "，还需约 \(text)", en: ", about \(text) left")
    }

    /// Takes the line away.
    public mutating func finish() {
        guard isDrawn else { return }
        isDrawn = false
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
