import FieldStore
import Foundation
import ServerStore
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// What is no number, no day and no text of anybody's is refused by every way in, with what to do.
@Suite struct UnfitTextScenarios {
    private static let village = World.villages[0]
    private static let one = "\(village)-1"

    private func area(_ device: Device) throws -> Area {
        try #require(try device.store.villages(Self.village).first)
    }

    private static let resident = "520499188001011231"

    @Test(arguments: [
        resident, "'\(resident)", "５２０４９９１８８００１０１１２３１", "520499 18800101 1231",
        "520499-18800101-1231", "ZF-\(resident)", "\(resident)户", "520499188001011000",
        "1-\(resident)", "5204991880\u{200B}01011231",
    ])
    func `an identity number in any disguise is nobody's number`(number: String) async throws {
        let wang = try await World.surveyor()
        for (open, key) in [
            (try wang.store.openNewHousehold(in: try area(wang)), "household_no"),
            (try wang.store.openNewPerson(in: Self.one), "person_no"),
            (try wang.store.openHousehold(Self.one), "household_no"),
        ] {
            let refused = try failure { try wang.save(open, [key: number]) }
            #expect(refused.problem == .badAnswer && refused.text(.en).contains("identity number"))
            #expect(!refused.text(.en).contains("1231"))
        }
        for prefix in ["", "ZF-"] {
            let mapping = FoldingScenarios.mapping.replacingOccurrences(
                of: "create = true", with: "create = true\nprefix = \"\(prefix)\"")
            let rows = "no,village,head,addr,grade\n\(number),520402109201,韦小兰,1号,A\n"
            #expect(try wang.importTable(rows, mapping).rejectedPlaces == ["2 no"])
        }
        let unknown = try failure { _ = try wang.store.household(number, round: nil) }
        for digits in ["0101", "０１０１"] { #expect(!unknown.text(.zh).contains(digits)) }
    }

    @Test func `a village's code and a serial of six are a number`() async throws {
        let wang = try await World.surveyor()
        for serial in ["000001", "000120", "100000", "-000001", "-000000"] {
            let number = Self.village + serial
            try wang.save(try wang.store.openHousehold(Self.one), ["household_no": number])
            try wang.save(try wang.store.openHousehold(number), ["household_no": Self.one])
        }
    }

    @Test(arguments: [
        "5.20402E+15", "5.2e15", "５.２Ｅ＋１５", "'520402109201-9", "’9", "=\"520402109201-9\"", "#N/A",
        "####", "520402109201.0", "520,402,109,201",
    ])
    func `what a spreadsheet made of a number is refused`(number: String) async throws {
        let wang = try await World.surveyor()
        for key in ["household_no", "grid_id", "ten_hh_unit"] {
            let refused = try failure {
                try wang.save(try wang.store.openHousehold(Self.one), [key: number])
            }
            #expect(refused.text(.en).contains("spreadsheet"))
        }
    }

    @Test(arguments: ["3E12", "E+1", "1.2.3", "12-0", "N-1E5", "A,1", "#3"])
    func `a number that only looks a little like it is one`(number: String) async throws {
        let wang = try await World.surveyor()
        try wang.save(try wang.store.openHousehold(Self.one), ["household_no": number])
        #expect(try wang.store.household(number, round: nil).headName == "户主1")
    }

    @Test func `text that could not be decoded is not saved`() async throws {
        let wang = try await World.surveyor()
        for (open, key) in [
            (try wang.open("housing", Self.one), "note"),
            (try wang.store.openHousehold(Self.one), "head_name"),
            (try wang.store.openHousehold(Self.one), "household_no"),
        ] {
            let refused = try failure { try wang.save(open, [key: "\u{FFFD}\u{FFFD}120\u{FFFD}"]) }
            #expect(refused.text(.zh).contains("UTF-8"))
            var filling = FormFilling(open, today: wang.store.environment.today)
            #expect(throws: AnswerProblem.self) {
                try filling.answer(try #require(open.form.field(key: key)), "\u{FFFD}")
            }
        }
        #expect(try wang.store.status().pending == 0)
    }

    @Test func `a superscript is no digit`() async throws {
        let wang = try await World.surveyor()
        let refused = try failure {
            try wang.check("water", Self.one, ["supply_mode": "1", "litres_pcd": "10²"])
        }
        #expect(refused.text(.en).contains("litres_pcd"))
    }

    @Test func `an unknown day of birth may stay empty, and the message says so`()
        async throws
    {
        let wang = try await World.surveyor()
        for day in ["1952", "1952-06", "1952年"] {
            let refused = try failure {
                try wang.save(
                    try wang.store.openNewPerson(in: Self.one), ["name": "老人", "birth_date": day])
            }
            #expect(refused.text(.en).contains("leave it empty"))
            #expect(refused.text(.zh).contains("留空"))
        }
    }

    @Test func `a roster refuses who is born in the future, however the day is written`() throws {
        let world = try World()
        let report = try world.importRoster(
            World.householdsCSV(2),
            """
            household_no,person_no,name,birth_date,sex,relation
            520402109201-1,8,潘老太,2029/1/5,2,3
            520402109201-1,9,潘老爷,2029-01-05,1,3
            520402109201-1,10,潘小,2029年1月5日,1,3

            """)
        #expect(report.wrong == 3)
    }

    @Test(arguments: ["9223372036854775807", "9223372036854775808", "10000", "-5"])
    func `a member is added after one whose number is any`(number: String) async throws {
        let wang = try await World.surveyor()
        try wang.saveRaw(try wang.store.openPerson("\(Self.one)/2"), number)
        let saved = try wang.save(try wang.store.openNewPerson(in: Self.one), ["name": "王小芳"])
        #expect(saved.answers[Person.personNo] == "2")
    }
}
