import ArgumentParser
import SurveyConsole
import SurveyModel

/// `--yes`, and the question that it answers: commands that act at once say first whom they are
/// about. A script is not asked.
struct Confirmation: ParsableArguments {
    @Flag(
        help: .init(
            localized(zh: "不再询问，直接执行", en: "Do it without asking first.")))
    var yes = false

    /// - Parameter question: says whom it is about; ends without a question mark.
    /// - Returns: whether to go on.
    func isGiven(_ question: @autoclosure () throws -> Label) rethrows -> Bool {
        guard !yes, Console.isInteractive else { return true }
        let text = try question()
        let prompt = localized(zh: "\(text.zh)？ y=是  n=否 > ", en: "\(text.en)? y yes  n no > ")
        while true {
            // An input that ends decides nothing.
            guard let answer = Console.ask(prompt.printable) else { return false }
            switch answer.trimmed.halfWidth.lowercased() {
            case "y", "yes", "是": return true
            case "n", "no", "否", "q":
                Console.print(Label(zh: "没有改动。", en: "Nothing was changed."))
                return false
            default: Console.print(Label(zh: "请输入 y 或 n。", en: "Type y or n."))
            }
        }
    }
}
