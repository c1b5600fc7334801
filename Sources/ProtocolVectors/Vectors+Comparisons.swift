import Foundation
import SurveyConsole
import SurveyLog
import SurveyModel
import TestSupport

/// Which answers are equal, and so are one sibling.
extension Vectors {
    static func comparisons() throws -> [JSONValue] { try cleared() + kinds() + canonical() }

    private static let housing = RecordKey.test(.housing)
    private static let safety = Housing.form.tag("safety")

    private static func cleared() throws -> [JSONValue] {
        var tiltCleared = graded(.b)
        tiltCleared[Housing.tilt.definition.tag] = .null
        return [
            try fold(
                "a cleared answer and one that was left out are agreement", housing,
                [
                    try TestLog(1).writing(housing, safety, graded(.b)),
                    try TestLog(2).writing(housing, safety, tiltCleared),
                ]),
            try fold(
                "a section without answers beside one with some is contested", housing,
                [
                    try TestLog(1).writing(housing, safety, graded(.b)),
                    try TestLog(2).writing(housing, safety, Answers()),
                ]),
        ]
    }

    private static func kinds() throws -> [JSONValue] {
        let section = Medical.form.tag("chronic")
        let field = Medical.followUps.definition.tag
        let record = RecordKey.test(.medical)
        return [
            try fold(
                "an integer and a decimal are never equal", record,
                [
                    try TestLog(1).writing(record, [section: [field: .integer(4)]]),
                    try TestLog(2).writing(record, [section: [field: .decimal(4)]]),
                ])
        ]
    }

    /// Bytes that no author may write and every reader takes; the answers are shown as they are
    /// compared.
    private static func canonical() throws -> [JSONValue] {
        let chronic = Medical.form.tag("chronic")
        let codes = Medical.chronic.definition.tag
        let medical = RecordKey.test(.medical)
        let name = Housing.appraiser.definition.tag
        let quantity = Water.form.tag("quantity")
        let water = RecordKey.test(.water)
        var litres = Answers()
        litres[Water.litresPerPersonDay] = ScaledDecimal(unscaled: 595, scale: 1)
        func named(_ log: UInt8, _ text: String) throws -> Edit {
            try reread(
                try TestLog(log).writing(
                    housing, [safety: [name: .text(text)]], salt: Data(repeating: log, count: 16)))
        }
        func ill(_ log: UInt8, _ set: [String]) throws -> Edit {
            try reread(try TestLog(log).writing(medical, [chronic: [codes: .codes(set)]]))
        }
        return [
            try fold(
                "texts are compared in NFC", housing,
                [try named(1, "Am\u{E9}lie"), try named(2, "Ame\u{301}lie")]),
            try fold(
                "sets of codes are compared sorted, each code once", medical,
                [try ill(1, ["DM", "HTN"]), try ill(2, ["HTN", "DM", "HTN"])]),
            try fold(
                "decimals are compared without trailing zeros", water,
                [
                    try TestLog(1).writing(water, quantity, litres),
                    try withBody(
                        try TestLog(2).writing(water, quantity, litres), Self.trailingZero),
                ]),
        ]
    }

    /// An `EditBody`: section 2, field 4, decimal 5950 / 10^2.
    private static let trailingZero = Data([
        0x0A, 0x0F, 0x08, 0x02, 0x12, 0x0B, 0x08, 0x04, 0x12, 0x07, 0x22, 0x05, 0x08, 0xFC, 0x5C,
        0x10, 0x02,
    ])

    /// An edit as its readers have it.
    private static func reread(_ edit: Edit) throws -> Edit { try Edit(edit.encoded) }

    /// The header of an edit with another body.
    private static func withBody(_ edit: Edit, _ body: Data) throws -> Edit {
        try Edit(EncodedEdit(header: edit.encoded.header, content: .body(body)))
    }
}
