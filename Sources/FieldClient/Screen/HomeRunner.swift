import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore

/// What a surveyor meets who types `lianhu`: progress, whom to visit, a line to search by.
struct HomeRunner {
    let store: FieldStore
    let terminal: Terminal
    /// The round to begin with; a list that stays open follows what becomes of it.
    let round: Round?

    func run() throws {
        var today = try Today(store, round: round)
        var shown = try households("", today)
        var width = terminal.width
        var screen = ListScreen(
            title: "", heading: [], items: [], searches: true,
            keys: Label(
                zh: "输入 查找  ↑↓ 选择  回车 打开  ^T 新增农户  ^V 本村  Esc 退出",
                en: "type to find  ↑↓ choose  Enter open  ^T add a household  ^V the village  "
                    + "Esc quit"
            ))
        show(shown, of: today, on: &screen)
        func refresh() throws {
            today = try again(today)
            shown = try households(screen.query?.text ?? "", today)
            show(shown, of: today, on: &screen, keepingSelection: true)
        }
        while true {
            if terminal.width != width {
                width = terminal.width
                show(shown, of: today, on: &screen, keepingSelection: true)
            }
            terminal.draw(
                screen.page(width: terminal.width, height: terminal.height, in: Console.language))
            guard let key = terminal.key() else { return }
            switch screen.handle(key) {
            case .leave: return
            case .search(let text):
                shown = try households(text, today)
                show(shown, of: today, on: &screen)
                let absent = shown.isEmpty ? try store.notHere(of: today.villages).count : 0
                guard absent > 0 else { continue }
                screen.message = Label(
                    zh: "有 \(absent) 个村的记录不在本机，先 lianhu pull 村代码。",
                    en: "The records of \(absent) villages are not here: \"lianhu pull\" first.")
            case .choose(let number):
                try sayChange(since: today)
                try HouseholdRunner(
                    store: store, terminal: terminal, round: try store.round(nil),
                    subject: shown[number].household.subject
                ).run()
                try refresh()
            case .command("t"):
                guard let village = try chooseVillage(today.villages) else { continue }
                try sayChange(since: today)
                _ = try HouseholdAddition(
                    store: store, terminal: terminal, round: try store.round(nil), announces: true
                ).run(in: village)
                try refresh()
            case .command("v"):
                // That of the household on which one is.
                let here =
                    shown.indices.contains(screen.selected)
                    ? shown[screen.selected].household : nil
                guard
                    let village = try here.flatMap({ today.tree[$0.area] })
                        ?? chooseVillage(today.villages)
                else { continue }
                try sayChange(since: today)
                try VillageRunner(store: store, terminal: terminal, village: village).run()
                try refresh()
            case .none, .command: continue
            }
        }
    }

    private func sayChange(since today: Today) throws {
        if let change = try store.roundChange(from: today.round) { terminal.notice = change }
    }

    /// The list as it is now, in the round that is open now.
    private func again(_ today: Today) throws -> Today {
        try sayChange(since: today)
        return try Today(store, round: try store.round(nil))
    }

    private func show(
        _ rows: [FoundHousehold], of today: Today, on screen: inout ListScreen,
        keepingSelection: Bool = false
    ) {
        let (legend, items) = today.list(rows, width: terminal.width)
        screen.title = today.titleLines(width: terminal.width)[0]
        screen.heading = today.heading(width: terminal.width) + legend
        screen.show(items, keepingSelection: keepingSelection)
    }

    /// Those to visit, or those that a text finds.
    private func households(_ text: String, _ today: Today) throws -> [FoundHousehold] {
        text.trimmed.isEmpty
            ? today.worklist.map { FoundHousehold(household: $0, member: nil) }
            : try store.search(text, in: today.villages, round: today.round)
    }

    private func chooseVillage(_ villages: [Area]) throws -> Area? {
        guard villages.count > 1 else { return villages.first }
        let screen = ListScreen(
            title: localized(zh: "在哪个村？", en: "In which village?"), heading: [],
            items: villages.map { .init(line: ScreenLine("\($0.code)  \($0.name)".printable)) },
            searches: false,
            keys: Label(zh: "↑↓ 选择  回车 确定  Esc 返回", en: "↑↓ choose  Enter take it  Esc back"))
        return terminal.choose(from: screen).map { villages[$0] }
    }
}
