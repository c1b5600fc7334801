internal import Glibc
public import SurveyModel

/// What is said to whoever ends the program with ^C in the middle of something, before it ends.
public enum Farewell {
    /// The bytes to write; nil says nothing. The handler reads it, so it is allocated before.
    ///
    /// Safe because only the thread that asks questions sets it, while ^C may only read it.
    nonisolated(unsafe) private static var text: UnsafeMutableBufferPointer<UInt8>?

    /// Says this from now on; nil leaves ^C as it is everywhere else.
    public static func say(_ label: Label?) {
        signal(SIGINT, SIG_DFL)
        text?.deallocate()
        text = nil
        guard let label else { return }
        let bytes = Array("\n\(label[Console.language])\n".utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        text = copy
        // Nothing but what a signal handler may do. The signal then ends the program as it would have.
        signal(SIGINT) { number in
            if let text = Farewell.text { _ = write(STDOUT_FILENO, text.baseAddress, text.count) }
            signal(number, SIG_DFL)
            raise(number)
        }
    }
}
