import CCurses
import Foundation
import SurveyConsole
import SurveyModel

/// A full-screen terminal, by ncurses: it knows what this terminal can do, sends only what changed,
/// and puts everything back when it is closed.
final class Terminal {
    private let screen: OpaquePointer
    private let hasColours: Bool
    /// Pasted text comes between marks, so that it is told from keys that somebody presses.
    private var marksPastes = false
    /// What is said on the page that is drawn next, until a key is pressed; where no page follows,
    /// in a line of its own.
    var notice: Label?

    /// What came at once behind an escape and does not belong to it.
    private var waiting: (code: Int32, isFunctionKey: Int32)?

    /// What ncurses calls the marks around pasted text: greater than any of its own keys.
    private static let pasteBegin: Int32 = 2_000
    private static let pasteEnd: Int32 = 2_001

    /// - Returns: nil where a full screen cannot be had: then plain lines do.
    init?() {
        let environment = ProcessInfo.processInfo.environment
        guard Console.isInteractive, Console.characters, !Console.isDumb,
            let screen = lianhu_open_screen()
        else { return nil }
        self.screen = screen
        hasColours = environment["NO_COLOR"] == nil && has_colors()
        if hasColours {
            start_color()
            use_default_colors()
            for (pair, colour) in [
                (1, COLOR_GREEN), (2, COLOR_RED), (3, COLOR_YELLOW), (4, COLOR_CYAN),
            ] {
                init_pair(Int16(pair), Int16(colour), -1)
            }
        }
        define_key("\u{1B}[200~", Self.pasteBegin)
        define_key("\u{1B}[201~", Self.pasteEnd)
        // What a terminal sends that is not quite the one it is said to be.
        for home in ["\u{1B}[1~", "\u{1B}[7~"] { define_key(home, KEY_HOME) }
        for end in ["\u{1B}[4~", "\u{1B}[8~"] { define_key(end, KEY_END) }
        guard lianhu_columns() >= 40, lianhu_lines() >= 10 else {
            close()
            return nil
        }
    }

    func close() {
        pause()
        delscreen(screen)
    }

    /// Lets a command print lines as usual, until the next page is drawn.
    func pause() {
        markPastes(false)
        endwin()
        if let notice { Console.print(notice) }
        notice = nil
    }

    private func markPastes(_ isOn: Bool) {
        guard isOn != marksPastes else { return }
        marksPastes = isOn
        let sequence = isOn ? "\u{1B}[?2004h" : "\u{1B}[?2004l"
        try? FileHandle.standardOutput.write(contentsOf: Data(sequence.utf8))
    }

    var width: Int { Int(lianhu_columns()) }
    var height: Int { Int(lianhu_lines()) }

    func draw(_ page: ScreenPage) {
        markPastes(true)
        var shown = page
        if let notice { shown = page.saying(notice[Console.language]) }
        erase()
        for (row, line) in shown.lines.prefix(height).enumerated() {
            var column = 0
            for (text, style) in line.cut(to: width - 1).pieces {
                lianhu_set_attribute(attribute(style))
                lianhu_write(Int32(row), Int32(column), text.printable)
                column += text.printable.displayWidth
            }
        }
        lianhu_set_attribute(0)
        if let cursor = page.cursor {
            curs_set(1)
            move(Int32(cursor.row), Int32(min(cursor.column, width - 1)))
        } else {
            curs_set(0)
        }
        refresh()
    }

    private func attribute(_ style: Style) -> Int32 {
        func make(bold: Bool = false, dim: Bool = false, reverse: Bool = false, _ pair: Int16 = 0)
            -> Int32
        {
            lianhu_attribute(bold ? 1 : 0, dim ? 1 : 0, reverse ? 1 : 0, hasColours ? pair : 0)
        }
        return switch style {
        case .plain: make()
        case .title: make(bold: true, 4)
        case .dim: make(dim: true)
        case .strong: make(bold: true)
        case .selected: make(reverse: true)
        case .good: make(1)
        case .bad: make(bold: true, 2)
        case .warning: make(3)
        }
    }

    /// Waits for a key; nil when the terminal is gone.
    func key() -> Key? {
        while true {
            var isFunctionKey: Int32 = 0
            let code: Int32
            if let first = waiting {
                waiting = nil
                code = first.code
                isFunctionKey = first.isFunctionKey
            } else {
                code = lianhu_key(&isFunctionKey)
            }
            if code >= 0 {
                let key: Key =
                    if isFunctionKey == 0 {
                        code == 0x1B ? escape() : Self.character(UInt32(code))
                    } else {
                        code == Self.pasteBegin ? Self.pasted() : Self.functionKey(code)
                    }
                if key != .resize { notice = nil }
                return key
            }
            guard Self.isThere else { return nil }
        }
    }

    /// The escape key; or the sequence of a key that ncurses does not know: it means nothing here, and
    /// nothing of it is typed.
    private func escape() -> Key {
        // ncurses has waited already for what follows.
        timeout(20)
        defer { timeout(200) }
        guard let first = nextPrintable() else { return .escape }
        guard first == 0x5B || first == 0x4F else {
            // Somebody types on at once, or the line is slow: both keys count.
            waiting = (first, 0)
            return .escape
        }
        // `ESC [` or `ESC O`, up to the final byte; the Linux console has `ESC [ [ A`.
        var code = nextPrintable()
        if first == 0x5B, code == 0x5B { code = nextPrintable() }
        while let part = code, (0x20...0x3F).contains(part) { code = nextPrintable() }
        return .other
    }

    /// The next code point if one that is printed comes at once; what else comes has to wait.
    private func nextPrintable() -> Int32? {
        var isFunctionKey: Int32 = 0
        let code = lianhu_key(&isFunctionKey)
        guard code >= 0 else { return nil }
        if isFunctionKey == 0, code >= 0x20, code != 0x7F { return code }
        waiting = (code, isFunctionKey)
        return nil
    }

    /// What is pasted, up to its end, or until nothing comes for a second.
    private static func pasted() -> Key {
        var text = ""
        var silences = 0
        while silences < 5 {
            var isFunctionKey: Int32 = 0
            let code = lianhu_key(&isFunctionKey)
            guard code >= 0 else {
                guard isThere else { break }
                silences += 1
                continue
            }
            silences = 0
            if isFunctionKey != 0, code == pasteEnd { break }
            if isFunctionKey == 0, let scalar = Unicode.Scalar(UInt32(code)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return .text(text.oneLine)
    }

    /// The terminal is still open for typing.
    private static var isThere: Bool {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, 0) > 0 else { return true }
        return Int32(input.revents) & (POLLHUP | POLLERR | POLLNVAL) == 0
    }

    /// More keys were pressed than were read.
    var hasKeys: Bool {
        if waiting != nil { return true }
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&input, 1, 0) > 0 && Int32(input.revents) & POLLIN != 0
    }

    private static func functionKey(_ code: Int32) -> Key {
        switch code {
        case KEY_UP: .up
        case KEY_DOWN: .down
        case KEY_LEFT: .left
        case KEY_RIGHT: .right
        case KEY_BACKSPACE: .backspace
        case KEY_DC: .delete
        case KEY_PPAGE: .pageUp
        case KEY_NPAGE: .pageDown
        case KEY_HOME: .home
        case KEY_END: .end
        case KEY_BTAB: .backTab
        case KEY_ENTER: .enter
        case KEY_RESIZE: .resize
        default: .other
        }
    }

    private static func character(_ code: UInt32) -> Key {
        switch code {
        case 0x0A, 0x0D: return .enter
        case 0x09: return .tab
        case 0x08, 0x7F: return .backspace
        case 0x1B: return .escape
        case 0x01...0x1A:
            return .control(Character(Unicode.Scalar(UInt8(code + 0x60))))
        default:
            guard let scalar = Unicode.Scalar(code), code >= 0x20 else { return .other }
            return .character(Character(scalar))
        }
    }
}
