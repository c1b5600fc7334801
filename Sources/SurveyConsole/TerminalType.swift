internal import Foundation
internal import Glibc
internal import SurveyModel

/// What kind of terminal this is, as this machine's data of terminals know it.
extension Console {
    /// Turns to a terminal that this machine knows when it does not know the one that `TERM` names:
    /// those of today understand what xterm does. Said in a line of its own where none will do.
    ///
    /// Called once, before anything is asked.
    public static func adaptTerminal() {
        guard isInteractive, let name = environment("TERM"), !name.isEmpty, name != "dumb",
            !isKnown(name)
        else { return }
        let other = "xterm-256color"
        let isAlike = ["xterm", "color", "ghostty", "kitty", "alacritty", "wezterm", "foot"]
            .contains { name.lowercased().contains($0) }
        if isAlike, isKnown(other) {
            setenv("TERM", other, 1)
        } else {
            setenv("TERM", "dumb", 1)
            note(
                Label(
                    zh: "本机不认识终端类型“\(name.printable)”，改为逐行提问；可设 TERM=\(other)。",
                    en:
                        "This machine doesn't know the terminal \"\(name.printable)\", so questions "
                        + "come line by line; TERM=\(other) may do."))
        }
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Whether there is a description of a terminal, where ncurses and libedit look for it.
    private static func isKnown(_ name: String) -> Bool {
        guard !name.contains("/"), let first = name.utf8.first else { return false }
        var folders = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"]
        if let home = environment("HOME") { folders.append(home + "/.terminfo") }
        if let one = environment("TERMINFO") { folders.append(one) }
        folders += (environment("TERMINFO_DIRS") ?? "").split(separator: ":").map(String.init)
        let letters = [String(Unicode.Scalar(first)), String(first, radix: 16)]
        return folders.contains { folder in
            letters.contains { access("\(folder)/\($0)/\(name)", R_OK) == 0 }
        }
    }
}
