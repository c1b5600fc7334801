internal import SurveyModel

extension CSVHeader {
    /// A row with fewer or more fields than the header is a slip, such as a comma without quotes.
    func checkWidth(of row: CSVRow, _ file: String) throws(RowProblem) {
        guard row.fields.count == count else {
            throw RowProblem(
                file, row.line, "\(row.fields.count)/\(count)", zh: "列数与表头不符",
                en: "the number of fields is not that of the header")
        }
    }
}
