import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyModel

extension AreasCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(zh: "列出区域", en: "List areas."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server areas list            # 全部
                      lianhu-server areas list 520402     # 一个县及其下
                      lianhu-server areas list --all      # 已撤销的也列出
                    """,
                en: """
                    Examples:
                      lianhu-server areas list            # all of them
                      lianhu-server areas list 520402     # a county and what is below
                      lianhu-server areas list --all      # withdrawn ones, too
                    """))

        @Argument(
            help: .init(
                localized(zh: "任一级代码或名称", en: "A code of any level, or a name."),
                valueName: "code"))
        var area: [String] = []

        @Flag(help: .init(localized(zh: "已撤销的也列出", en: "Withdrawn ones, too.")))
        var all = false

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try data.open()
            let tree = try store.areaTree()
            let roots = Set(try store.areas(area).map(\.id))
            let areas = tree.areas.values.filter { candidate in
                (all || !candidate.isWithdrawn)
                    && (roots.isEmpty
                        || tree.path(of: candidate.id).contains { roots.contains($0.id) })
            }.sorted { ($0.code, $0.id.text) < ($1.code, $1.id.text) }
            guard !output.json else { return JSONValue.array(areas.map(\.json)).print() }
            var table = TextTable([
                (localized(zh: "代码", en: "code"), .left),
                (localized(zh: "级别", en: "level"), .left),
                (localized(zh: "名称", en: "name"), .left),
                (localized(zh: "管理单位", en: "unit"), .left),
                (localized(zh: "状态", en: "state"), .left),
                (localized(zh: "曾用代码", en: "former codes"), .left),
            ])
            for area in areas {
                table.add([
                    area.code, area.level.label[Console.language], area.name,
                    area.managingUnit ?? "", state(of: area, in: tree),
                    area.formerCodes.joined(separator: " "),
                ])
            }
            table.print()
        }

        private func state(of area: Area, in tree: AreaTree) -> String {
            guard area.isWithdrawn else { return "" }
            guard let into = area.mergedInto.flatMap({ tree[$0] }) else {
                return localized(zh: "已撤销", en: "withdrawn")
            }
            return localized(zh: "并入 \(into.code)", en: "merged into \(into.code)")
        }
    }
}
