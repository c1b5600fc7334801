import ArgumentParser
import SurveyConsole
import SurveyModel

struct FormsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forms",
        abstract: localized(zh: "表单：查看、导出", en: "Forms: what they ask, and their export."),
        discussion: localized(
            zh: """
                示例：
                  lianhu forms show                    # 有哪些表单
                  lianhu forms show housing            # 字段、代码、范围、条件
                  lianhu forms export --xlsform forms  # 导出为 XLSForm
                """,
            en: """
                Examples:
                  lianhu forms show                    # which forms there are
                  lianhu forms show housing            # its fields, codes, ranges, conditions
                  lianhu forms export --xlsform forms  # as XLSForm, for ODK and others
                """),
        subcommands: [Show.self, Export.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: localized(
                zh: "表单的字段、代码、范围、条件和规则",
                en: "A form's fields, codes, ranges, conditions and rules."),
            discussion: localized(
                zh: """
                    # 后的数字是协议中的编号，不会改变。

                    示例：
                      lianhu forms show               # 列出全部表单
                      lianhu forms show water         # 一个表单
                      lianhu forms show water --json  # 供程序读取；条件另有 XPath 写法
                    """,
                en: """
                    A number after # is the tag in the protocol, which never changes.

                    Examples:
                      lianhu forms show               # lists them
                      lianhu forms show water         # one of them
                      lianhu forms show water --json  # for programs; conditions as XPath too
                    """))

        @Argument(
            help: .init(
                localized(zh: "表单（省略则列出全部）", en: "The form; without it all are listed."),
                valueName: "form"),
            completion: .list(Form.all.filter { $0.subject != .register }.map(\.key)))
        var form: String?

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            guard let form else {
                let forms = Form.all.filter { $0.subject != .register }
                if output.json { return JSONValue.array(forms.map(\.reference)).print() }
                for form in forms { print("\(form.key)  \(form.label[Console.language])") }
                return
            }
            guard let form = Form.form(key: form), form.subject != .register else {
                throw Failure(.unknownForm, form)
            }
            if output.json { return form.reference.print() }
            form.printReference()
        }
    }
}
