public import ArgumentParser

/// `--lang` and `--json`, which commands share.
public struct OutputOptions: ParsableArguments, Sendable {
    @Option(
        name: .customLong("lang"),
        help: .init(
            localized(zh: "界面语言（zh 或 en）", en: "Language of texts: zh or en."), valueName: "zh|en"))
    public var language: LanguageName?

    @Flag(
        name: .customLong("json"),
        help: .init(localized(zh: "输出 JSON", en: "Print JSON, one value, keys sorted.")))
    public var json = false

    public init() {}
}

/// `--lang` alone, for commands that print nothing to be read by programs.
public struct LanguageOption: ParsableArguments, Sendable {
    @Option(
        name: .customLong("lang"),
        help: .init(
            localized(zh: "界面语言（zh 或 en）", en: "Language of texts: zh or en."), valueName: "zh|en"))
    public var language: LanguageName?

    public init() {}
}

/// Parsed for validation only: ``Console/language`` was chosen before.
public enum LanguageName: String, ExpressibleByArgument, Sendable {
    case zh
    case en
}
