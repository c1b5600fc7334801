import FieldStore
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// A table that is imported again, corrected, or beside what somebody answered since.
extension ImportScenarios {
    private func litres(_ device: Device) throws -> ScaledDecimal? {
        try answers(.water, "1", on: device)[Water.litresPerPersonDay]
    }

    @Test func `the newest file counts, there and back`() async throws {
        let (_, wang, _) = try await day()
        for (number, litres) in ["10", "20", "10", "20"].enumerated() {
            let report = try importing(Self.heading + "1,甲,\(litres)\n", on: wang)
            #expect(report.imported + report.changed == 1 && report.left == 0, "\(number)")
            #expect(try self.litres(wang) == ScaledDecimal(litres))
        }
        // An answer that somebody gave beside it is not touched, and does not stand in the way.
        try wang.check("water", "T-1", ["quality_basis": "standard"])
        #expect(try importing(Self.heading + "1,甲,10\n", on: wang).changed == 1)
        let water = try answers(.water, "1", on: wang)
        #expect(water[Water.litresPerPersonDay] == 10 && water[Water.qualityBasis] == .standard)
    }

    @Test func `an empty cell clears only where the mapping says so, and is counted`() async throws
    {
        let (_, wang, _) = try await day()
        _ = try importing(Self.heading + "1,甲,40\n2,乙,NA\n", on: wang)
        for empty in ["", "NA"] {
            let report = try importing(Self.heading + "1,甲,\(empty)\n2,乙,\n", on: wang)
            #expect(report.unchanged == 2 && report.leftEmpty == 1)
            #expect(try litres(wang) == 40)
        }
        let clearing = Self.mapping.replacing(
            "litres_pcd = \"litres\"",
            with: "to_home = { constant = true }\n"
                + "litres_pcd = { column = \"litres\", empty = \"clear\" }")
        // What must be answered is not cleared: the row says so.
        let kept = try importing(Self.heading + "1,甲,\n", clearing, on: wang)
        #expect(kept.leftEmpty == 0)
        let owner = Self.mapping.replacing(
            "head_name = \"owner\"", with: "head_name = { column = \"owner\", empty = \"clear\" }")
        let cleared = try importing(Self.heading + "1,,40\n", owner, on: wang)
        #expect(cleared.changed == 1 && cleared.leftEmpty == 0)
        #expect(try answers(.household, "1", on: wang)[Household.headName] == nil)
        #expect(throws: Failure.self) {
            try Mapping(
                MappingDocument(
                    clearing.replacing("\"clear\"", with: "\"clear\", absent = 1"), name: "m"))
        }
    }

    @Test func `what somebody answered since the last import is left, and told`() async throws {
        let (_, wang, li) = try await day()
        let rows = Self.heading + "1,甲,40\n"
        _ = try importing(rows, on: wang)
        try wang.check("water", "T-1", ["litres_pcd": "33", "quality_basis": "standard"])
        for file in [rows, Self.heading + "1,丙,45\n"] {
            let report = try importing(file, on: wang)
            #expect(report.left == 1 && report.changed == 0 && report.rejected == 0)
            let notes = report.notes.filter { $0.kind == .left }
            #expect(notes.map(\.column) == ["litres"])
            #expect(report.csv.contains(",litres,left,"))
            #expect(try litres(wang) == 33)
            // The whole row is left, not half of it.
            #expect(try answers(.household, "1", on: wang)[Household.headName] == "甲")
        }
        // Another device, which did not import it, leaves it too.
        for device in [wang, li] { try await device.sync() }
        #expect(try importing(rows, on: li).left == 1)
        // Whoever means it takes the file's; what that does not speak of stays, and the next file
        // counts again.
        let overwritten = try importing(Self.heading + "1,甲,45\n", on: wang, overwriting: true)
        #expect(overwritten.changed == 1 && overwritten.left == 0)
        #expect(try importing(Self.heading + "1,甲,NA\n", on: wang).unchanged == 1)
        let water = try answers(.water, "1", on: wang)
        #expect(water[Water.litresPerPersonDay] == 45)
        #expect(water[Water.qualityBasis] == .standard)
        #expect(try importing(rows, on: wang).changed == 1)
        #expect(try litres(wang) == 40)
    }

    @Test func `a better grade in a file takes a reason, like any other`() async throws {
        let (_, wang, _) = try await day()
        let mapping =
            Self.mapping + """

                [housing]
                dwelling_source = { constant = 1 }
                occupied = { constant = true }
                grade = "grade"
                grade_date = "date"
                appraiser = { constant = "甲" }
                note = "note"
                """
        func row(_ grade: String, _ note: String) -> String {
            "id,owner,litres,grade,date,note\n1,甲,40,\(grade),2026-01-05,\(note)\n"
        }
        #expect(try importing(row("C", ""), mapping, on: wang).imported == 1)
        let refused = try importing(row("A", ""), mapping, on: wang)
        #expect(refused.rejected == 1 && places(refused) == ["2 note"])
        #expect(try importing(row("A", "已加固"), mapping, on: wang).changed == 1)
    }
}
