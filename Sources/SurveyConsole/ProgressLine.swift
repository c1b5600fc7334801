internal import Foundation
internal import Synchronization

/// One line on standard error that says how far long work has come.
///
/// On a terminal it is redrawn; elsewhere nothing is printed.
public final class ProgressLine: Sendable {
    private let isShown: Bool
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    private struct State {
        var last = ContinuousClock.now - .seconds(1)
        var isDrawn = false
    }

    public init(isShown: Bool = Console.showsProgress) { self.isShown = isShown }

    /// - Parameter total: nil while it is not known. More may be done than somebody said there was.
    public func show(_ what: String, done: Int, total: Int?) {
        guard let total else { return draw("\(what) \(done)", isLast: false) }
        let share = total <= 0 ? 1 : min(max(Double(done) / Double(total), 0), 1)
        let full = Int(share * 30)
        draw(
            "\(what) " + String(repeating: "█", count: full)
                + String(repeating: "░", count: 30 - full) + " \(done)/\(total)"
                + estimate(share, ContinuousClock.now - start), isLast: done == total)
    }

    /// Says what happens meanwhile.
    public func say(_ what: String, isNews: Bool = false) { draw(what, isLast: isNews) }

    /// - Parameter isLast: it is drawn though another line was drawn just now.
    private func draw(_ line: String, isLast: Bool) {
        guard isShown else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            guard isLast || now - state.last >= .milliseconds(100) else { return }
            state.last = now
            state.isDrawn = true
            FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
        }
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
    public func finish() {
        state.withLock { state in
            guard state.isDrawn else { return }
            state.isDrawn = false
            FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
        }
    }
}
