import FieldStore
import SurveyConsole
import SurveyModel

/// What a form looks like at a size.
extension FormScreen {
    func page(width: Int, height: Int, in language: Language) -> ScreenPage {
        var page = ScreenPage()
        page.lines = heading(width, language)
        let bottom = keys[language].keyLines(of: width)
        let room = max(1, height - page.lines.count - bottom.count - 1)
        // The list gives way first, but the current question is always in it.
        let below = detail(width, room: max(2, room - 1), language)
        let rows = list(width, height: max(1, room - below.lines.count), language)
        let top = page.lines.count + rows.count
        page.lines += rows + below.lines
        while page.lines.count < height - bottom.count - 1 { page.lines.append("") }
        page.lines.append(rule(width))
        page.add(keys: bottom)
        page.cursor = below.cursor.map { (top + $0.row, $0.column) }
        return page
    }

    /// What stands below the list, and where the cursor stands in it.
    private typealias Detail = (lines: [ScreenLine], cursor: (row: Int, column: Int)?)

    private func detail(_ width: Int, room: Int, _ language: Language) -> Detail {
        switch mode {
        case .asking: return asking(width, room: room, language)
        case .skipping: return (Array(skipping(width, language).suffix(room)), nil)
        case .concluding: return (Array(concluding(width, language).suffix(room)), nil)
        }
    }

    private func heading(_ width: Int, _ language: Language) -> [ScreenLine] {
        let (answered, asked) = filling.progress
        let left = " \(filling.open.form.label[language])  \(title)"
        let right = "\(answered)/\(asked) "
        let gap = max(1, width - 1 - left.displayWidth - right.displayWidth)
        return [
            ScreenLine(left.shortened(to: width - right.displayWidth - 2), .title)
                .adding(String(repeating: " ", count: gap) + right, .dim),
            rule(width),
        ]
    }

    private func rule(_ width: Int) -> ScreenLine {
        ScreenLine(String(repeating: "─", count: width - 1), .dim)
    }

    // MARK: The list

    private func list(_ width: Int, height: Int, _ language: Language) -> [ScreenLine] {
        var rows: [ScreenLine] = []
        var current = 0
        var section: Int?
        let skipped = filling.skipped
        for question in filling.questions {
            if question.section != section {
                section = question.section
                let name = filling.section(question)
                var line = ScreenLine(" " + name.label[language], .dim)
                if let reason = skipped[name.key] {
                    line.add("  " + Label(zh: "跳过：", en: "left out: ")[language], .warning)
                    line.add(reason.label[language], .warning)
                }
                rows.append(line)
            }
            if question == self.question { current = rows.count }
            rows.append(row(question, width, language))
        }
        let start = max(0, min(current - height / 2, rows.count - height))
        return Array(rows[start..<min(rows.count, start + height)])
    }

    private func row(_ question: FormFilling.Question, _ width: Int, _ language: Language)
        -> ScreenLine
    {
        let field = filling.field(question)
        let isCurrent = question == self.question && mode != .concluding
        let labelWidth = min(30, width / 3)
        let label = field.label[language].shortened(to: labelWidth).padded(to: labelWidth)
        var line = ScreenLine(isCurrent ? " ▸ " : "   ", .strong)
        line.add(label, isCurrent ? .selected : .plain)
        line.add("  ")
        if let shown = filling.shown(field) {
            let text = field.shortDisplay(shown.value, in: width - labelWidth - 6)
            if shown.isFromLastRound {
                line.add(Label(zh: "上轮 ", en: "last round ")[language] + text, .dim)
            } else {
                line.add(text, .strong)
            }
        } else if filling.isUndecided(field) {
            line.add("≠ ", .warning)
            line.add(sides[field.tag] ?? "", .dim)
        } else if field.required.holds(in: filling.open.answers) {
            line.add("*", .warning)
        } else {
            line.add("·", .dim)
        }
        return line
    }

    // MARK: The current question

    /// - Parameter room: how many lines there may be; the line to type in is always among them.
    private func asking(_ width: Int, room: Int, _ language: Language) -> Detail {
        var lines = [rule(width)]
        for text in news[filling.section(question).tag] ?? [] {
            lines.append(ScreenLine(" " + text, .warning))
        }
        lines.append(ScreenLine(" " + field.question(in: language), .strong))
        if let range = field.range {
            let upper = field.latestYear(filling.validator) ?? range.upperBound
            lines[lines.count - 1].add("  \(range.lowerBound.text)–\(upper.text)", .dim)
        }
        if let sides = sides[field.tag] {
            lines += sides.wrapped(to: width - 4).enumerated().map { row, text in
                ScreenLine((row == 0 ? " ≠ " : "   ") + text, .warning)
            }
        }
        let menu = filling.menuTexts(field, in: language)
        lines += menu.lines(of: width - 4, apart: 3).map { ScreenLine("  " + $0) }
        var below: [ScreenLine] = []
        if message != nil {
            below = Array(complaint(width, language).prefix(max(1, room - 1)))
        } else if let assessment = filling.assessment {
            let limit = max(1, min(3, room - 1 - lines.count))
            below = conclusion(assessment, width, atMost: limit, language)
        }
        lines = Array(lines.suffix(max(0, room - 1 - below.count)))
        let (text, column) = editor.visible(in: width - 6)
        let cursor = (row: lines.count, column: 3 + column)
        lines.append(ScreenLine(" > ", .strong).adding(text, .plain))
        return (lines + below, cursor)
    }

    private func complaint(_ width: Int, _ language: Language) -> [ScreenLine] {
        guard let message else { return [] }
        return message[language].wrapped(to: width - 4).map { ScreenLine(" ! " + $0, .bad) }
    }

    /// In as many lines as it needs, or so many with an ellipsis.
    private func conclusion(
        _ assessment: Assessment, _ width: Int, atMost limit: Int = .max, _ language: Language
    ) -> [ScreenLine] {
        let style: Style =
            switch assessment.result {
            case .safe, .basicallySafe, .excluded: .good
            case .unsafe: .bad
            case .notAssessed: .warning
            }
        let result = "→ \(assessment.result.label[language])"
        var texts = "\(result)  \(assessment.because[language])".wrapped(to: width - 5)
        if texts.count > limit {
            texts = Array(texts.prefix(limit))
            texts[limit - 1] = (texts[limit - 1] + "…").shortened(to: width - 5)
        }
        return texts.enumerated().map { row, text in
            guard row == 0 else { return ScreenLine("   " + text, .dim) }
            guard text.hasPrefix(result) else { return ScreenLine(" " + text, style) }
            return ScreenLine(" " + result, style)
                .adding(String(text.dropFirst(result.count)), .dim)
        }
    }

    private func skipping(_ width: Int, _ language: Language) -> [ScreenLine] {
        let section = filling.section(question).label[language]
        var lines = [
            ScreenLine(
                " "
                    + Label(zh: "为什么跳过“\(section)”？", en: "Why is “\(section)” left out?")[language],
                .strong)
        ]
        for reason in SkipReason.allCases {
            lines.append(ScreenLine("  \(reason.rawValue)) \(reason.label[language])"))
        }
        return lines + complaint(width, language)
    }

    private func concluding(_ width: Int, _ language: Language) -> [ScreenLine] {
        var lines = [rule(width)]
        if let assessment = filling.assessment {
            lines += conclusion(assessment, width, language)
        }
        for warning in filling.warnings + (filling.isEmpty ? [] : filling.openEnds) {
            lines += warning[language].wrapped(to: width - 4).map {
                ScreenLine(" ! " + $0, .warning)
            }
        }
        lines.append(
            filling.isEmpty
                ? ScreenLine(" " + filling.nothing[language], .warning)
                : ScreenLine(" " + Label(zh: "保存？", en: "Save?")[language], .strong))
        return lines + complaint(width, language)
    }

    // MARK: Keys

    private var keys: Label {
        switch mode {
        case .asking where filling.hasRemarks:
            Label(
                zh: "回车 确认  = 沿用  > 跳过本题  ↑↓ 移动  ^X 清除  ^K 跳过栏目  ^N 备注  ^S 保存  Esc 离开",
                en: "Enter confirm  = same  > next  ↑↓ move  ^X clear  ^K skip section  ^N note  "
                    + "^S save  Esc leave")
        case .asking:
            Label(
                zh: "回车 确认  = 沿用  > 跳过本题  ↑↓ 移动  ^X 清除  ^S 保存  Esc 离开",
                en: "Enter confirm  = same  > next  ↑↓ move  ^X clear  ^S save  Esc leave")
        case .skipping: Label(zh: "数字 选择  Esc 返回", en: "number choose  Esc back")
        case .concluding where filling.isEmpty:
            Label(zh: "回车 关闭  e 修改", en: "Enter close  e edit")
        case .concluding:
            Label(
                zh: "回车 保存  e 修改  q 保留草稿  d 放弃",
                en: "Enter save  e edit  q keep the draft  d discard")
        }
    }
}

extension ScreenLine {
    func adding(_ text: String, _ style: Style) -> ScreenLine {
        var line = self
        line.add(text, style)
        return line
    }
}
