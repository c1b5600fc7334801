import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore

/// How households stand in a list as wide as the terminal: words for their checks where there is
/// room, marks elsewhere. Pure.
struct WorklistLayout {
    private let language: Language
    private let hasWords: Bool
    private let number: Int
    private let name: Int
    /// 0 leaves the village out.
    private let village: Int
    /// How wide the words for each check are.
    private let states: [Guarantee: Int]

    /// Columns that the list itself takes: where one is, and the last one, which stays free.
    private static let frame = 4
    private static let gap = "  "
    private static let draftMark = "*"

    /// - Parameters:
    ///   - rows: all that may be shown, so that columns do not move while one scrolls.
    ///   - villages: their names, by row.
    init(_ rows: [HouseholdRow], villages: [String], width: Int, in language: Language) {
        func widest(_ texts: [String], _ limit: Int) -> Int {
            min(limit, texts.map(\.displayWidth).max() ?? 0)
        }
        var number = widest(rows.map(\.handle), 24)
        var name = widest(rows.map(\.headName), 10)
        var village = widest(villages, 14)
        let states = Dictionary(
            uniqueKeysWithValues: Guarantee.allCases.map { guarantee in
                let asked = rows.filter { $0.isAsked(guarantee) }
                return (guarantee, asked.map { $0.checks[guarantee].text.displayWidth }.max() ?? 0)
            })
        let words = rows.map { Self.words($0, states, language).text.displayWidth }.max() ?? 0
        let gaps = 3 * Self.gap.displayWidth
        let room = width - Self.frame - gaps
        hasWords = number + name + village + words <= room
        if !hasWords {
            var missing = number + name + village + Self.marksWidth(language) - room
            func give(_ column: inout Int, downTo least: Int) {
                let given = max(0, min(missing, column - least))
                column -= given
                missing -= given
            }
            give(&village, downTo: 4)
            if missing > 0 { give(&village, downTo: 0) }
            give(&name, downTo: 6)
            give(&number, downTo: 8)
        }
        self.language = language
        self.states = states
        self.number = number
        self.name = name
        self.village = village
    }

    /// - Parameter hasDraft: something was left unfinished there, which takes a mark and no room.
    func line(_ row: HouseholdRow, village name: String, hasDraft: Bool = false) -> ScreenLine {
        func cell(_ text: String, _ width: Int) -> String {
            text.printable.shortened(to: width).padded(to: width) + Self.gap
        }
        var line = ScreenLine(cell(row.handle, number))
        if hasDraft {
            line = ScreenLine(String(line.text.dropLast(Self.gap.count)))
            line.add(Self.draftMark.padded(to: Self.gap.displayWidth), .warning)
        }
        line.add(cell(row.headName, self.name), .strong)
        if village > 0 { line.add(cell(name, village), .dim) }
        line.pieces +=
            (hasWords ? Self.words(row, states, language) : Self.marks(row, language)).pieces
        // Whom nobody met is not gone to twice without knowing it.
        if let visit = row.visit, visit != .interviewed {
            line.add("  " + visit.label[language], .warning)
        }
        return line
    }

    // MARK: Words

    /// `住房 安全 饮水 未查 医疗 未查`
    private static func words(
        _ row: HouseholdRow, _ widths: [Guarantee: Int], _ language: Language
    ) -> ScreenLine {
        var line = ScreenLine()
        let asked = Guarantee.allCases.filter(row.isAsked)
        for guarantee in asked {
            let state = row.checks[guarantee]
            line.add("\(guarantee.label[language]) ", .dim)
            line.add(state.text, state.style)
            guard guarantee != asked.last else { break }
            let gap = max(0, (widths[guarantee] ?? 0) - state.text.displayWidth) + 1
            line.add(String(repeating: " ", count: gap))
        }
        return line
    }

    // MARK: Marks

    /// `住√ 水· 医! 教?`
    private static func marks(_ row: HouseholdRow, _ language: Language) -> ScreenLine {
        var line = ScreenLine()
        for guarantee in Guarantee.allCases {
            line.add((guarantee == .housing ? "" : " ") + guarantee.letter[language], .dim)
            if row.isAsked(guarantee) {
                line.add(row.checks[guarantee].mark, row.checks[guarantee].style)
            } else {
                line.add("-", .dim)
            }
        }
        return line
    }

    private static func marksWidth(_ language: Language) -> Int {
        let letters = Guarantee.allCases.map { $0.letter[language].displayWidth + 1 }
        return letters.reduce(0, +) + letters.count - 1
    }

    /// What the marks stand for; nothing where there are only words.
    func legend(hasDrafts: Bool = false) -> [ScreenLine] {
        let drafts = hasDrafts ? [Self.draftMark + Label(zh: "草稿", en: "draft")[language]] : []
        guard !hasWords else { return drafts.map { ScreenLine(" " + $0, .dim) } }
        let outcomes: [Outcome?] = [.safe, .unsafe, .notAssessed, .contested, nil]
        let notAsked = Label(zh: "-无需检查", en: "-not asked")
        let marks = outcomes.map { $0.mark + $0.short[language] } + [notAsked[language]]
        let letters = Guarantee.allCases.map { guarantee in
            let (letter, label) = (guarantee.letter[language], guarantee.label[language])
            return label.contains(letter) ? label : "\(letter) \(label)"
        }
        // As many lines as a terminal of 60 columns takes.
        return (letters + marks + drafts).lines(of: 58, apart: 1).map { ScreenLine(" " + $0, .dim) }
    }
}

extension Guarantee {
    /// One letter or character that stands for it.
    fileprivate var letter: Label {
        switch self {
        case .housing: Label(zh: "住", en: "H")
        case .water: Label(zh: "水", en: "W")
        case .medical: Label(zh: "医", en: "M")
        case .schooling: Label(zh: "教", en: "S")
        }
    }
}

extension Outcome? {
    fileprivate var mark: String {
        switch self {
        case nil: "·"
        case .safe, .basicallySafe, .excluded: "√"
        case .unsafe: "!"
        case .notAssessed: "?"
        case .contested, .contestedMaybeSafe, .contestedMaybeExcluded: "≠"
        }
    }

    /// Short enough that all of them fit on two narrow lines.
    fileprivate var short: Label {
        switch self {
        case nil: Label(zh: "未查", en: "unchecked")
        case .safe, .basicallySafe, .excluded:
            Label(zh: "安全/基本安全", en: "(basically) safe")
        case .unsafe: Label(zh: "不安全", en: "unsafe")
        case .notAssessed: Label(zh: "未评价", en: "not assessed")
        case .contested, .contestedMaybeSafe, .contestedMaybeExcluded:
            Label(zh: "争议", en: "contested")
        }
    }
}
