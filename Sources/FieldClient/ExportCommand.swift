import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: localized(
            zh: "导出一种表单的全部记录", en: "Write every record of a form that this user may read."),
        discussion: localized(
            zh: """
                姓名、住址、坐标、收入、备注（personal）和健康信息（health）默认不导出，
                须用 --include 点名。有争议的栏目给出暂定答案，并列在 contested 列。
                GeoJSON 只用 WGS-84：GCJ-02 坐标没有几何，只作为属性。

                示例：
                  lianhu export housing --bom --labels --output 住房.csv
                  lianhu export monitored --format jsonl --include risk,measure
                  lianhu export water --format geojson --include gps_lat,gps_lon \\
                      --output map.json
                """,
            en: """
                Names, addresses, positions, incomes and notes (personal) and what tells of health \
                (health) are left out unless asked for by name with --include. Of contested \
                sections, named in the column contested, the answers are provisional. GeoJSON is \
                WGS-84: a position in GCJ-02 has no geometry and stands among the properties.

                Examples:
                  lianhu export housing --bom --labels --output housing.csv
                  lianhu export monitored --format jsonl --include risk,measure
                  lianhu export water --format geojson --include gps_lat,gps_lon \\
                      --output map.json
                """))

    /// The register, the checks and the findings.
    static let forms = [Household.form, Person.form] + Form.checks + [Finding.form]

    @Argument(
        help: .init(
            localized(zh: "表单：", en: "The form: ")
                + ExportCommand.forms.map(\.key).joined(separator: ", "),
            valueName: "form"), completion: .list(ExportCommand.forms.map(\.key)))
    var form: String

    @Option(help: .init(localized(zh: "格式（默认 csv）", en: "The format; csv unless --json.")))
    var format: RecordExport.Format?

    @Option(
        help: .init(
            localized(
                zh: "区域：任一级代码或管理单位（可重复）",
                en: "An area: a code of any level or a managing unit. May be repeated."),
            valueName: "code|unit"))
    var area: [String] = []

    @Option(
        name: .customLong("output"),
        help: .init(
            localized(
                zh: "文件，写完整后才出现（默认或 -：标准输出）",
                en: "The file, which is there when it is whole (default or -: standard output)."),
            valueName: "file"))
    var file: String?

    @Flag(
        help: .init(
            localized(zh: "CSV 以 BOM 开头，便于电子表格识别", en: "Begin a CSV with a byte order mark.")))
    var bom = false

    @Flag(
        help: .init(
            localized(
                zh: "代码列之后另加名称列 <字段>_label",
                en: "After each column of codes one of labels, <field>_label.")))
    var labels = false

    @Option(
        help: .init(
            localized(
                zh: "点名导出默认不导出的字段；personal 或 health 为一组（可重复）",
                en: "Fields that are left out otherwise; personal or health for all of these. "
                    + "May be repeated."),
            valueName: "field,…"))
    var include: [String] = []

    @Flag(
        help: .init(
            localized(
                zh: "已迁出、死亡的人员也导出", en: "Persons who moved out or died, too.")))
    var all = false

    @OptionGroup var round: RoundOption
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        guard let chosen = Self.forms.first(where: { $0.key == form }) else {
            throw Failure(.unknownForm, form)
        }
        let chosenFormat: RecordExport.Format = format ?? (output.json ? .jsonl : .csv)
        guard !bom || chosenFormat == .csv else {
            throw Failure(
                .usage,
                Label(zh: "--bom 只用于 CSV", en: "--bom is for CSV only"))
        }
        let names = include.flatMap { $0.split(separator: ",") }.map { $0.trimmed }
        let selection = try ExportSelection(
            chosen, names.filter { !$0.isEmpty }, isMap: chosenFormat == .geojson)
        let store = try home.open()
        let chosenRound = try chosenRound(of: chosen, store)
        let villages = try chosenVillages(store)
        let rounds = try store.read { db in try Rounds.all(in: db) }
        let columns = selection.columns(
            chosenRound, of: rounds, Console.language, hasLabels: labels)
        let export = RecordExport(
            format: chosenFormat, columns: columns, hasMark: bom, hasGone: all)
        let summary = try ExportOutput.to(file) { output in
            try export.write(chosen, in: villages, round: chosenRound, from: store, to: &output)
        }
        report(summary, selection)
        report(elsewhere: try store.villagesElsewhere(villages).count, of: villages.count)
        guard summary.damaged == 0 else {
            throw Failure(
                .damaged,
                localized(
                    zh: "\(summary.damaged) 条记录未导出", en: "\(summary.damaged) records left out"))
        }
    }

    private func chosenRound(of form: Form, _ store: FieldStore) throws -> Round? {
        guard form.belongsToRound else {
            guard round.round == nil else {
                throw Failure(
                    .usage,
                    Label(
                        zh: "\(form.label.zh)不属于任何轮次，请去掉 --round",
                        en: "\(form.key) belongs to no round: leave --round out"))
            }
            return nil
        }
        guard let chosen = try store.round(round.round) else { throw Failure(.noOpenRound) }
        return chosen
    }

    /// Always in one order, also where two villages have one code.
    private func chosenVillages(_ store: FieldStore) throws -> [Area] {
        let named = try area.flatMap { try store.villages($0) }
        let readable =
            try area.isEmpty
            ? store.readableVillages()
            : store.readable(named.villages(in: store.areaTree()))
        guard area.isEmpty || !readable.isEmpty else {
            throw Failure(.notPermitted, area.joined(separator: ", "))
        }
        return readable.sorted { ($0.code, $0.id) < ($1.code, $1.id) }
    }

    // MARK: What people are told, beside the data

    private func report(_ summary: RecordExport.Summary, _ selection: ExportSelection) {
        Console.note(
            Label(
                zh: "已导出 \(summary.records) 条记录。",
                en: "\(summary.records) \(summary.records == 1 ? "record" : "records") exported."))
        if summary.gone > 0 {
            Console.note(
                Label(
                    zh: "未导出已迁出、死亡的人员：\(summary.gone) 条（可用 --all）",
                    en: "Left out, of persons who moved out or died: \(summary.gone) (see --all)"))
        }
        let leftOut = selection.leftOut
        if !leftOut.isEmpty {
            Console.note(
                Label(
                    zh: "未导出（可用 --include 点名）：\(leftOut.joined(separator: "、"))",
                    en: "Left out unless asked for with --include: "
                        + leftOut.joined(separator: ", ")))
        }
        if summary.otherDatum > 0 {
            Console.note(
                Label(
                    zh: "\(summary.otherDatum) 处坐标不是 WGS-84：没有几何，只作为属性。",
                    en: "\(summary.otherDatum) positions are not in WGS-84: they have no geometry "
                        + "and stand among the properties."))
        }
        if summary.noDatum > 0 {
            Console.note(
                Label(
                    zh: "\(summary.noDatum) 处坐标没有注明坐标系：按 WGS-84 导出。",
                    en: "\(summary.noDatum) positions do not name their datum: they are taken for "
                        + "WGS-84."))
        }
    }

    private func report(elsewhere count: Int, of villages: Int) {
        guard count > 0 else { return }
        Console.note(
            Label(
                zh: "\(villages) 个村中有 \(count) 个村的记录不在本机或不全；请先 lianhu pull。",
                en: "Records of \(count) of the \(villages) villages are not here, or not all of "
                    + "them: open them with \"lianhu pull\"."))
    }
}
