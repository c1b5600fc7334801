internal import CEdit
internal import Foundation
internal import Glibc
public import SurveyModel

/// The terminal that a program talks to: its language, its streams, its width.
public enum Console {
    /// `--lang`, else `LIANHU_LANG`, else the locale. Chosen once, before anything is printed.
    public static let language = chooseLanguage(
        CommandLine.arguments, ProcessInfo.processInfo.environment)

    static func chooseLanguage(_ arguments: [String], _ environment: [String: String]) -> Language {
        for (position, argument) in arguments.enumerated() {
            let value: String? =
                if argument == "--lang", position + 1 < arguments.count {
                    arguments[position + 1]
                } else if argument.hasPrefix("--lang=") {
                    String(argument.dropFirst("--lang=".count))
                } else {
                    nil
                }
            if let value, let language = Language(rawValue: value) { return language }
        }
        if let value = environment["LIANHU_LANG"], let language = Language(rawValue: value) {
            return language
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }
            .first { !$0.isEmpty }
        return Language(locale: locale ?? "")
    }

    /// Whether a person sees what is printed, and can answer.
    public static var isInteractive: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    }

    /// Whether somebody may answer questions: at a terminal, or by lines from a pipe or a file.
    public static var takesAnswers: Bool {
        if isatty(STDIN_FILENO) == 1 { return true }
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0 else { return false }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return status.st_size > 0
        case S_IFIFO, S_IFSOCK:
            // Nobody writes to it any more, and nothing is left in it.
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&input, 1, 0) > 0 else { return true }
            return Int32(input.revents) & POLLIN != 0
        default: return false
        }
    }

    public static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns of the terminal; 100 when there is none.
    public static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 100
        }
        return Int(size.ws_col)
    }

    /// Columns that a table may take: those of the terminal; any number where nobody looks.
    public static var tableWidth: Int { isatty(STDOUT_FILENO) == 1 ? width : .max }

    public static func print(_ label: Label) { Swift.print(label[language]) }

    /// Prints a sentence, broken where the terminal ends.
    static func printWrapped(_ label: Label) {
        for line in label[language].wrapped(to: tableWidth, indent: 2) { Swift.print(line) }
    }

    /// Writes to standard error, where notes to people go when standard output is data.
    public static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Prints at once, also into a pipe: others wait for this line.
    public static func announce(_ text: String) {
        Swift.print(text)
        fflush(nil)
    }

    /// Lets whoever reads a pipe have what was printed so far.
    public static func flush() { fflush(nil) }

    /// There is no more to read.
    ///
    /// Safe because one thread asks.
    nonisolated(unsafe) public private(set) static var hasEnded = false

    /// Prints a prompt and reads a line; nil when the input ends.
    ///
    /// On a terminal the line can be edited, whatever its script; nothing of it is remembered.
    ///
    /// - Parameter echoing: shows again what comes from a pipe.
    public static func ask(_ prompt: String, echoing: Bool = true) -> String? {
        guard isInteractive, characters, !isDumb else {
            Swift.print(prompt, terminator: "")
            fflush(nil)
            let line = readLine()
            hasEnded = line == nil
            // What is answered by a pipe is not shown by a terminal.
            if echoing, isatty(STDIN_FILENO) == 0 { Swift.print(line ?? "") }
            return line
        }
        fflush(nil)
        lianhu_edit_from_the_prompt_on()
        lianhu_read_strict_utf8()
        guard let line = readline(prompt) else {
            hasEnded = true
            return nil
        }
        defer { free(line) }
        return String(cString: line)
    }

    /// The terminal cannot move its cursor, or somebody listens to it.
    public static var isDumb: Bool {
        let terminal = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return terminal.isEmpty || terminal == "dumb"
    }

    /// The C library's characters are Unicode from now on, whatever the locale says.
    public static let characters = setlocale(LC_CTYPE, "C.UTF-8") != nil

    public static func note(_ label: Label) { note(label[language]) }
}

/// A text in the language of this run.
public func localized(zh: String, en: String) -> String { Label(zh: zh, en: en)[Console.language] }

/// An instant as people read it: `2026-03-05 14:07`, UTC+8.
public func clockText(_ milliseconds: Int64) -> String {
    // A device's clock may say anything; outside the years 1970 to 9999 it says nothing.
    guard plausibleTimes.contains(milliseconds) else { return "—" }
    let minute = (milliseconds + 8 * 3_600_000) / 60_000 % 1_440
    func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return CalendarDate(millisecondsSinceEpoch: milliseconds).iso
        + " \(padded(minute / 60)):\(padded(minute % 60))"
}

/// An instant as programs read it: ISO 8601 in UTC; nil for one that no clock should say.
public func isoText(_ milliseconds: Int64) -> String? {
    guard plausibleTimes.contains(milliseconds) else { return nil }
    // By the C library: Foundation opens its data of all time zones for it.
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
        strftime(text.baseAddress!, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(cString: text.baseAddress!)
    }
}

private let plausibleTimes: Range<Int64> = 0..<253_402_200_000_000
