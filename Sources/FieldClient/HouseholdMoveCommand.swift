import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

struct HouseholdMoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: localized(
            zh: "农户搬到另一个村", en: "Record that a household lives in another village now."),
        discussion: localized(
            zh: """
                该户和成员的全部检查随之转到新村。若新村不归您负责，需经审核才生效。

                示例：
                  lianhu household move 520402109201-0012 520402109202
                  lianhu household move 520402109201-0012 520402109202 --address 5组
                """,
            en: """
                All checks of the household and its members go with it. A move into a village that \
                is not yours waits for review.

                Examples:
                  lianhu household move 520402109201-0012 520402109202
                  lianhu household move 520402109201-0012 520402109202 --address 5组
                """))

    @Argument(
        help: .init(
            localized(zh: "户编号、记录编号或其开头", en: "Its number, its id, or the start of it."),
            valueName: "subject"))
    var subject: String

    @Argument(
        help: .init(
            localized(zh: "新村的代码", en: "The code of the village it lives in now."),
            valueName: "village"))
    var village: String

    @Option(help: .init(localized(zh: "新住址", en: "The new address.")))
    var address: String?

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    /// The address where it lives now, from whoever is at the terminal; nil for none.
    private func askAddress(_ store: FieldStore) throws -> String? {
        guard Console.isInteractive, !confirmation.yes else { return nil }
        let line = Console.ask(localized(zh: "新住址（回车=没有）> ", en: "New address (Enter: none) > "))
        let text = line?.trimmed ?? ""
        return text.isEmpty ? nil : text
    }

    func run() throws {
        let store = try home.open()
        let found = try store.areaTree().find(village).filter { $0.level == .village }.standing
        guard found.count == 1, let target = found.first else {
            throw Failure(.unknownArea, village)
        }
        guard try store.household(subject, round: nil).area != target.id else {
            throw Failure(.sameVillage, target.code)
        }
        let household = try store.entryName(subject).whole
        let address = try address ?? askAddress(store)
        let place = address.map { " \($0)" } ?? ""
        let cleared =
            address == nil ? Label(zh: "，原住址清空", en: ", the old address is cleared") : nil
        guard
            confirmation.isGiven(
                Label(
                    zh: "\(household.zh)搬到 \(target.name)\(place)\(cleared?.zh ?? "")",
                    en: "\(household.en) moves to \(target.name)\(place)\(cleared?.en ?? "")"))
        else { return }
        let saved = try store.move(subject, to: target, address: address)[0]
        let isMine = try store.readableVillages().contains { $0.id == target.id }
        if output.json {
            JSONValue.object([
                "record": .string(saved.edit.header.record.text),
                "edit": .string(saved.edit.id.bytes.hex),
                "village_code": .string(target.code), "needs_review": .bool(!isMine),
            ]).print()
            return
        }
        Console.print(
            Label(
                zh: "已登记：\(household.zh)搬到 \(target.name)\(place)\(cleared?.zh ?? "")。",
                en:
                    "Recorded: \(household.en) is in \(target.name)\(place) now\(cleared?.en ?? "")."
            ))
        guard !isMine else { return }
        Console.print(
            Label(
                zh: "新村不归您负责：审核后生效。",
                en: "That village is not yours: the move waits for review."))
    }
}
