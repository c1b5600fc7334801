import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

/// Households that may be the one that somebody is about to add: which of them is it, if any?
struct DuplicateChoice {
    /// Those to choose from, the likeliest first: as many as one key can name.
    let likely: [LikelyDuplicate]
    /// How many more there are.
    let others: Int

    private static let title = Label(
        zh: "名册中可能已有这一户：", en: "The register may have this household already:")

    private static let hint = Label(zh: "请输入编号、0 或 b。", en: "Type a number, 0 or b.")

    init(_ all: [LikelyDuplicate]) {
        likely = Array(all.prefix(9))
        others = all.count - likely.count
    }

    enum Answer: Hashable {
        /// It is the one at this position.
        case known(Int)
        /// It is none of them.
        case new
        /// The form is to be corrected first.
        case back
    }

    /// What somebody typed; nil when it means nothing here.
    func parse(_ text: String) -> Answer? {
        switch text.trimmed.halfWidth.lowercased() {
        case "0", "a": return .new
        case "b", "<", "q": return .back
        case let text:
            guard let number = Int(text), likely.indices.contains(number - 1) else { return nil }
            return .known(number - 1)
        }
    }

    private var more: String? {
        guard others > 0 else { return nil }
        return localized(zh: "另有 \(others) 户略为相似", en: "\(others) more are somewhat like it")
    }

    // MARK: In plain lines

    func ask() -> Answer {
        print("\n" + Self.title[Console.language])
        for (number, duplicate) in likely.enumerated() {
            let why = " (\(duplicate.why))"
            print("  \(number + 1)) " + (duplicate.household.brief + why).printable)
        }
        if let more { print("     " + more) }
        let question = localized(
            zh: "是其中哪一户？ 编号=就是它，不新增  0=都不是，保存  b=返回修改 > ",
            en: "Which one is it? A number: that one, none is added  0 none: save  b back > ")
        while true {
            // An input that ends leaves the draft.
            guard let line = Console.ask(question) else { return .back }
            if let answer = parse(line) { return answer }
            Console.print(Self.hint)
        }
    }

    // MARK: On a full screen

    func ask(about form: OpenForm, on terminal: Terminal) -> Answer {
        var list = screen(for: form)
        // The Enter that saved may come twice: it says nothing of a list that nobody has seen.
        var isSeen = false
        while true {
            terminal.draw(
                list.page(width: terminal.width, height: terminal.height, in: Console.language))
            guard let key = terminal.key() else { return .back }
            if key == .enter, !isSeen {
                list.message = Self.hint
                continue
            }
            isSeen = isSeen || key != .resize
            switch list.handle(key) {
            case .leave: return .back
            case .choose(let position):
                return likely.indices.contains(position) ? .known(position) : .new
            case .command(let character):
                if let answer = parse(String(character)) { return answer }
                list.message = Self.hint
            default: continue
            }
        }
    }

    func screen(for form: OpenForm) -> ListScreen {
        let typed = [Household.householdNo, Household.headName, Household.address]
            .compactMap { form.answers[$0] }.joined(separator: "  ")
        var items = likely.enumerated().map { number, duplicate in
            var line = ScreenLine("\(number + 1)) \(duplicate.household.brief)".printable)
            line.add("  " + duplicate.why, .warning)
            return ListScreen.Item(line: line)
        }
        if let more { items.append(.init(line: ScreenLine("   " + more, .dim), isHeading: true)) }
        items.append(
            .init(
                line: ScreenLine(
                    localized(
                        zh: "0) 都不是：这是另一户，保存", en: "0) none of them: another one, save it"))))
        return ListScreen(
            title: Self.title[Console.language],
            heading: [
                ScreenLine(
                    localized(zh: " 填写的：\(typed)", en: " typed here: \(typed)").printable, .strong)
            ],
            items: items, searches: false,
            keys: Label(
                zh: "↑↓ 选择  回车 就是它，不新增  0 都不是，保存  Esc 返回修改",
                en: "↑↓ choose  Enter that one, none is added  0 none: save  Esc back"))
    }
}

extension LikelyDuplicate {
    /// Why it may be the same.
    var why: String { reasons.map { $0.label[Console.language] }.joined(separator: ", ") }
}

extension HouseholdRow {
    /// By what people know it again.
    var brief: String {
        [handle, headName, address, isSetAside ? standing : ""].filter { !$0.isEmpty }
            .joined(separator: "  ")
    }
}
