/// Why an answer cannot be saved as it stands. Never carries the answer itself.
public struct AnswerProblem: Error, Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        case unknownField(form: String)
        case notAsked
        case notANumber
        case notAWholeNumber
        /// - Parameter mayBeEmpty: nobody has to say it.
        case notADate(mayBeEmpty: Bool)
        /// Not a day as a foreign table writes them.
        case notWritten(as: String)
        case notABoolean
        /// What may be chosen, as it is shown to whoever chooses.
        case notACode(allowed: Label)
        case tooLong(limit: Int)
        case notText
        /// Bytes that are not UTF-8 stood there; the words are lost.
        case undecodable
        /// A number as a spreadsheet shows or exports it.
        case madeBySpreadsheet
        case outOfRange(String)
        case inFuture(yearsAhead: Int64)
        case missing
        case irrelevant
        /// Exceeds what it may not: another number, or another date.
        case exceeds(Label, isDate: Bool)
        case sameAs(Label)
        /// The number by which the state knows a person.
        case residentNumber
        /// Said by another person only, with another command.
        case byAnother
        /// Several people said different things, and nobody has decided.
        case contested
        /// A grade that is better than what it replaces, of which nothing says why.
        case unexplained(Label)
        /// Enter alone leaves no question without an answer.
        case blank
        /// Enter alone takes no answer that nobody gave here: it stands in the record, or was that of
        /// the last round.
        case notTaken(isFromLastRound: Bool)
    }

    /// The field's key.
    public let field: String
    public let label: Label?
    public let reason: Reason

    public init(field: String, label: Label? = nil, reason: Reason) {
        self.field = field
        self.label = label
        self.reason = reason
    }

    /// What is wrong and what to do, as one sentence each, for whoever gave answers by name.
    public var message: Label {
        let (zh, en) = sentences
        // What stood in the place of a key may be anything.
        let isKey = field.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let field = isKey ? field : "…"
        let zhName = label.map { "\($0.zh)（\(field)）" } ?? field
        let enName = label.map { "\($0.en) (\(field))" } ?? field
        return Label(zh: "\(zhName)：\(zh)", en: "\(enName): \(en)")
    }

    /// The same for whoever sees the question.
    public var plainMessage: Label {
        let (zh, en) = sentences
        guard let label else { return message }
        return Label(zh: "\(label.zh)：\(zh)", en: "\(label.en): \(en)")
    }

    private var sentences: (String, String) {
        switch reason {
        case .unknownField(let form):
            ("该表单没有此字段。请核对字段名。", "the form \(form) has no such field. Check its name.")
        case .notAsked: ("由程序填写。请勿填写。", "is written by the program. Leave it out.")
        case .notANumber: ("不是数字。请填写如 12.5 的数字。", "is not a number. Write it like 12.5.")
        case .notAWholeNumber: ("不是整数。请填写整数。", "is not a whole number. Write digits only.")
        case .notADate(mayBeEmpty: false):
            ("不是日期。请按 2026-03-05 的格式填写。", "is not a date. Write it like 2026-03-05.")
        case .notADate:
            (
                "不是日期。请按 2026-03-05 的格式填写；不知道年月日就留空。",
                "is not a date. Write it like 2026-03-05, or leave it empty if the day isn't known."
            )
        case .notWritten(let pattern):
            ("不是按 \(pattern) 写的日期。请改正。", "is not a date written \(pattern). Correct it.")
        case .notABoolean: ("请填写 是 或 否。", "is neither yes nor no. Write yes or no.")
        case .notACode(let allowed):
            (
                "不在代码表中。可选：\(allowed.zh)。",
                "is not in the code list. Choose one of \(allowed.en)."
            )
        case .tooLong(let limit):
            ("超过 \(limit) 个字符。请缩短。", "is longer than \(limit) characters. Shorten it.")
        case .notText: ("含有控制字符。请重新输入。", "holds control characters. Type it again.")
        case .undecodable:
            (
                "含有无法识别的文字（不是 UTF-8）。请把终端或脚本的编码从 GBK 改为 UTF-8，再重新输入。",
                "holds text that is not UTF-8. Set the terminal or the script to UTF-8, not GBK, and "
                    + "type it again."
            )
        case .madeBySpreadsheet:
            (
                "像是被电子表格改写过的编号（如 5.2E+15、'…、=\"…\"）。请把该列设为文本，再填写完整编号。",
                "looks like a number that a spreadsheet changed, such as 5.2E+15, '… or =\"…\". "
                    + "Format the column as text and give the whole number."
            )
        case .outOfRange(let range):
            ("超出范围 \(range)。请改正。", "is outside \(range). Correct it.")
        case .inFuture(yearsAhead: 0):
            (
                "晚于今天。请改正；若是本机日期不对，请先校正时钟。",
                "is after today. Correct it; or the device's clock, when that is wrong."
            )
        case .inFuture: ("晚于明年。请改正。", "is after next year. Correct it.")
        case .missing: ("必填。请填写。", "is required. Answer it.")
        case .irrelevant:
            ("按其他答案不应填写此项。请删去。", "is not asked with these other answers. Leave it out.")
        case .exceeds(let other, let isDate):
            (
                "\(isDate ? "晚于" : "大于")“\(other.zh)”。请改正其中一项。",
                "is \(isDate ? "after" : "greater than") \"\(other.en)\". Correct one of them."
            )
        case .sameAs(let other):
            (
                "与“\(other.zh)”相同。须由另一人填写。",
                "is the same as \"\(other.en)\". It takes another person."
            )
        case .residentNumber:
            (
                "是身份证号，不得作为编号。请用名册编号。",
                "is a resident identity number. Give the number of the register."
            )
        case .byAnother:
            ("由另一人核验。请选别的状态。", "is said by whoever verifies it. Choose another state.")
        case .contested:
            (
                "几个人的回答不同。请填写哪个正确；确实没有则输入 -。",
                "was answered differently by several people. Say which holds; - for none."
            )
        case .unexplained(let grade):
            (
                "“\(grade.zh)”比原来的好。请写明原因。",
                "is to say why \"\(grade.en)\" is better than it was. Write the reason."
            )
        case .blank: ("还没有填。请填写；暂不填写请按 >。", "is blank. Answer it, or press > to leave it blank.")
        case .notTaken(isFromLastRound: true):
            (
                "是上轮的答案。仍然如此请按 =，暂不填写请按 >。",
                "is last round's answer. Press = if it still holds, > to go on without it."
            )
        case .notTaken:
            (
                "是原有的答案。确认它请按 =，不作改动请按 >。",
                "was answered before. Press = to confirm that answer, > to leave it as it is."
            )
        }
    }
}
