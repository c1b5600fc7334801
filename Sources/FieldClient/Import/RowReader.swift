import FieldStore
import Foundation
import SurveyModel

/// Reads rows of a foreign table, or says everything that is wrong with one.
struct RowReader {
    let mapping: Mapping
    /// nil where rows say nothing of villages.
    let villages: ImportVillages?

    func row(_ header: CSVHeader, _ row: CSVRow) throws(RowRejection) -> TableRow {
        guard row.fields.count == header.count else {
            throw RowRejection(
                row.line, "\(row.fields.count)/\(header.count)", zh: "列数与表头不符。",
                en: "the number of fields is not that of the header.")
        }
        var notes: [RowNote] = []
        var village: Area?
        if let villages {
            do throws(CellProblem) {
                village = try villages.village(header, row)
            } catch {
                notes.append(RowNote(.rejected, row.line, villages.place, error.message))
            }
        }
        let code = village?.code ?? ""
        let (key, number) =
            mapping.key.isEmpty
            ? (TableRow.Key(folded: code, raw: code), code) : household(header, row, &notes)
        let person = person(header, row, &notes)
        let name = mapping.nameColumn.map { header.field($0.lowercased(), of: row).trimmed }
            .flatMap { mapping.missing.contains($0, isNumber: false) ? nil : $0.folded }
        let forms = mapping.forms.map { said($0, header, row, &notes) }
        guard notes.isEmpty else { throw RowRejection(notes) }
        return TableRow(
            line: row.line, key: key, number: number, personNo: person,
            content: TableRow.Content(village: village, name: name, forms: forms))
    }

    /// The number of the member that a row is about.
    private func person(_ header: CSVHeader, _ row: CSVRow, _ notes: inout [RowNote])
        -> TableRow.Key?
    {
        guard case .person(let columns) = mapping.subject else { return nil }
        let cells = columns.map { header.field($0.lowercased(), of: row) }
        let place = columns.joined(separator: "+")
        guard !cells.contains(where: { mapping.missing.contains($0, isNumber: false) }) else {
            notes.append(
                RowNote(
                    .rejected, row.line, place,
                    Label(
                        zh: "没有编号，无法知道是哪个成员。",
                        en: "is missing, so nobody knows which member it is.")))
            return nil
        }
        do throws(AnswerProblem) {
            let raw = cells.joined(separator: "-").precomposedStringWithCanonicalMapping
            return TableRow.Key(
                folded: try Self.number(raw, cells, Person.personNo.definition), raw: raw)
        } catch {
            notes.append(RowNote(.rejected, row.line, place, error.message))
            return nil
        }
    }

    /// A number that is made of cells, each of which may be damaged.
    private static func number(_ text: String, _ cells: [String], _ field: FieldDefinition)
        throws(AnswerProblem) -> String
    {
        for cell in cells { _ = try field.parse(cell) }
        return try field.parse(text).plainText
    }

    /// The key of a row, and the number of its household.
    private func household(_ header: CSVHeader, _ row: CSVRow, _ notes: inout [RowNote])
        -> (key: TableRow.Key, number: String)
    {
        var parts: [String] = []
        for column in mapping.key {
            let cell = header.field(column.lowercased(), of: row)
            if mapping.missing.contains(cell, isNumber: false) {
                notes.append(
                    RowNote(
                        .rejected, row.line, column,
                        Label(
                            zh: "没有编号，无法知道是哪一户。",
                            en: "is missing, so nobody knows which household it is.")))
            } else {
                parts.append(cell)
            }
        }
        let raw = parts.joined(separator: "-").precomposedStringWithCanonicalMapping
        let key = TableRow.Key(folded: raw.folded, raw: raw)
        guard parts.count == mapping.key.count else { return (key, "") }
        do throws(AnswerProblem) {
            return (
                key,
                try Self.number(mapping.prefix + raw, parts, Household.householdNo.definition)
            )
        } catch {
            notes.append(RowNote(.rejected, row.line, mapping.keyPlace, error.message))
            return (key, "")
        }
    }

    private func said(
        _ mapped: Mapping.MappedForm, _ header: CSVHeader, _ row: CSVRow, _ notes: inout [RowNote]
    ) -> Said {
        var said = Said()
        for field in mapped.fields {
            let tag = field.field.tag
            do throws(CellProblem) {
                if let answer = try field.value(header, row) {
                    said.answers[tag] = answer
                } else if let absent = field.absent, absent != .null {
                    said.defaults[tag] = absent
                } else if field.clears {
                    said.answers[tag] = .null
                } else {
                    said.empty.insert(tag)
                }
            } catch {
                notes.append(RowNote(.rejected, row.line, field.place, error.message))
            }
        }
        return said
    }
}

/// The villages that rows may go to: those that this user may read.
struct ImportVillages {
    /// What people look for in the file.
    let place: String
    private let fixed: Area?
    private let column: FieldMapping?
    private let readable: [String: Area]

    /// - Parameter option: `--village`
    init(_ source: Mapping.Village, option: String?, _ store: FieldStore) throws {
        switch (source, option) {
        case (.option, let text?), (.code(let text), nil):
            let found = try store.readable(try store.villages(text)).standing
            guard found.count == 1 else {
                throw Failure(found.isEmpty ? .notPermitted : .ambiguousSubject, text)
            }
            fixed = found[0]
            column = nil
            place = "--village"
            readable = [:]
        case (.column(let mapping), nil):
            fixed = nil
            column = mapping
            place = mapping.place
            readable = Dictionary(
                try store.readableVillages().standing.map { ($0.code.folded, $0) }
            ) { first, _ in first }
        case (.option, nil):
            throw Failure(
                .usage,
                Label(
                    zh: "映射要求用 --village 给出村代码",
                    en: "the mapping asks for --village with a code"))
        case (.code, .some), (.column, .some):
            throw Failure(
                .usage,
                Label(
                    zh: "映射已写明村；只有 village = \"option\" 时才用 --village",
                    en: "the mapping names the village: --village is for village = \"option\""))
        }
    }

    func village(_ header: CSVHeader, _ row: CSVRow) throws(CellProblem) -> Area {
        if let fixed { return fixed }
        guard let code = try column?.value(header, row)?.plainText else {
            throw CellProblem(zh: "缺少村。", en: "is missing: the village.")
        }
        guard let village = readable[code.folded] else {
            throw CellProblem(
                zh: "不是您负责的村的代码。", en: "is no code of a village that is yours.")
        }
        return village
    }
}
