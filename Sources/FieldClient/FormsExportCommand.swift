import ArgumentParser
import Foundation
import SurveyConsole
import SurveyModel

extension FormsCommand {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: localized(
                zh: "导出为 XLSForm（ODK、KoboToolbox 等）",
                en: "Write forms as XLSForm, for ODK, KoboToolbox and others."),
            discussion: localized(
                zh: """
                    可选：housing、water、medical、schooling、clinic、monitored、
                    household、person、finding。
                    由程序填写的字段不导出；对象（户、人员、村）写在 subject 中。

                    示例：
                      lianhu forms export --xlsform forms                 # 全部，每个一个文件
                      lianhu forms export --xlsform forms housing water   # 两个表单
                      lianhu forms export --xlsform housing.xlsx housing  # 一个表单
                    """,
                en: """
                    Forms: housing, water, medical, schooling, clinic, monitored, household, \
                    person, finding.
                    What the program writes is left out; "subject" says whom the answers are \
                    about.

                    Examples:
                      lianhu forms export --xlsform forms                 # all, a file for each
                      lianhu forms export --xlsform forms housing water   # two of them
                      lianhu forms export --xlsform housing.xlsx housing  # one form, one file
                    """))

        @Option(
            help: .init(
                localized(
                    zh: "一个表单的 .xlsx 文件，或目录（没有则新建）",
                    en: "A file NAME.xlsx for one form, else a folder; it is made if need be."),
                valueName: "file|folder"))
        var xlsform: String

        @Argument(
            help: .init(
                localized(zh: "表单（省略则全部）", en: "The forms (default: all of them)."),
                valueName: "form"))
        var forms: [String] = []

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let chosen = forms.isEmpty ? XLSForm.forms : try forms.map { try Self.form($0) }
            let targets = try targets(chosen)
            // All of them or none, as far as can be known before.
            for target in targets where FileManager.default.fileExists(atPath: target.file.path) {
                throw Failure(.fileExists, target.file.path)
            }
            for target in targets {
                try XLSXFile.write(XLSForm(target.form).sheets, to: target.file)
            }
            guard !output.json else { return JSONValue.array(targets.map(\.json)).print() }
            for target in targets { print(target.file.path.printable) }
        }

        private static func form(_ key: String) throws(Failure) -> Form {
            guard let form = XLSForm.forms.first(where: { $0.key == key }) else {
                throw Failure(.unknownForm, key)
            }
            return form
        }

        // MARK: Where it goes

        private struct Target {
            let form: Form
            let file: URL

            var json: JSONValue {
                [
                    "form": .string(form.key), "version": .integer(Int64(form.version)),
                    "file": .string(file.path),
                ]
            }
        }

        /// A file for each form: a workbook holds one form, so several need a folder.
        private func targets(_ forms: [Form]) throws(Failure) -> [Target] {
            let place = URL(filePath: xlsform)
            guard place.pathExtension.lowercased() == "xlsx" else {
                do {
                    try FileManager.default.createDirectory(
                        at: place, withIntermediateDirectories: true)
                } catch {
                    throw Failure(.badFolder, xlsform)
                }
                return forms.map {
                    Target(form: $0, file: place.appending(path: "\($0.key).xlsx"))
                }
            }
            guard let form = forms.first, forms.count == 1 else {
                throw Failure(
                    .usage, xlsform,
                    message: Label(
                        zh: "一个 XLSForm 文件只含一个表单。请给出目录，或只选一个表单。",
                        en: "An XLSForm file holds one form. Name a folder, or a single form."))
            }
            return [Target(form: form, file: place)]
        }
    }
}
