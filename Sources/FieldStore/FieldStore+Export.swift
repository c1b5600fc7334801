internal import GRDB
public import SurveyCoverage
public import SurveyModel
public import SurveyStore

/// What leaves a device as files.
extension FieldStore {
    /// Every record of a form in those of the villages that this user may read, one at a time and
    /// all as they were at one moment.
    ///
    /// - Parameters:
    ///   - round: whose checks or findings; nil for the register.
    ///   - locating: looks up the position of each record's household.
    /// - Returns: how many records cannot be read because the disk has changed them.
    public func forEachRecord(
        of form: Form, in villages: [Area], round: Round?, locating: Bool = false,
        _ body: (RecordRow) throws -> Void
    ) throws -> Int {
        try catchUp()
        return try SurveyDatabase.read(writer) { db in
            let scope = try Self.scope(db)
            return try RecordReader(
                form, in: villages.filter { scope.contains($0.id) }, round: round,
                locating: locating, db
            ).forEach(body)
        }
    }

    /// Where the households of villages are that this user may read, as far as records are here.
    public func centroids(in villages: [Area]?) throws -> [AreaID: Centroid] {
        try read { db in
            let scope = try Self.scope(db)
            let chosen = try (villages ?? Areas.tree(in: db).villages).map(\.id)
            return try Coverage.centroids(of: chosen.filter { scope.contains($0) }, in: db)
        }
    }
}
