/// A language that surveyors and supervisors read.
public enum Language: String, Sendable, CaseIterable {
    case zh
    case en

    /// The language that a POSIX locale name such as `zh_CN.UTF-8` asks for; English when unknown.
    public init(locale: String) {
        self = locale.hasPrefix("zh") ? .zh : .en
    }
}

/// A count with its English noun: `1 edit`, `2 edits`, `3 entries`.
public func counted(_ count: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
}

/// A text in every language that the project speaks.
public struct Label: Sendable, Hashable {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    public subscript(language: Language) -> String {
        switch language {
        case .zh: zh
        case .en: en
        }
    }
}
