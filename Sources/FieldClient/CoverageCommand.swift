import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: localized(
            zh: "本人可读区域的覆盖情况", en: "Coverage of the areas that this user may read."))

    @OptionGroup var options: CoverageOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        guard let round = try store.round(options.round) else { throw Failure(.noOpenRound) }
        var villages: [Area]?
        if !options.area.isEmpty {
            villages = try options.area.flatMap { try store.villages($0) }
            guard !(try store.readable(villages ?? [])).isEmpty else {
                throw Failure(.notPermitted, options.area.joined(separator: ", "))
            }
        }
        let (table, asOf) = try store.coverage(
            round: round, villages: villages, by: try options.rollUp())
        let centroids = try options.format == .geojson ? store.centroids(in: villages) : [:]
        try options.show(
            CoverageReport(round: round.code, asOf: asOf, table: table, centroids: centroids),
            json: output.json)
    }
}
