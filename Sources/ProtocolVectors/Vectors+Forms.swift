import SurveyConsole
import SurveyLog
import SurveyModel
import TestSupport

/// The declared forms, and how bad one answer of a section is.
extension Vectors {
    static func forms() -> JSONValue { .array(Form.all.map(json)) }

    private static func json(_ form: Form) -> JSONValue {
        [
            "kind": .integer(Int64(form.kind.rawValue)), "key": .string(form.key),
            "version": .integer(Int64(form.version)),
            "sections": .array(
                form.sections.map { section in
                    [
                        "tag": .integer(Int64(section.tag.rawValue)), "key": .string(section.key),
                        "policy": .string("\(section.policy)"),
                        "fields": .array(section.fields.map(json)),
                    ]
                }),
        ]
    }

    private static func json(_ field: FieldDefinition) -> JSONValue {
        var type: (name: String, codes: CodeList?)
        switch field.type {
        case .text: type = ("text", nil)
        case .integer: type = ("integer", nil)
        case .decimal: type = ("decimal", nil)
        case .boolean: type = ("boolean", nil)
        case .date: type = ("date", nil)
        case .identifier: type = ("identifier", nil)
        case .texts: type = ("codes", nil)
        case .code(let list): type = ("code", list)
        case .codes(let list): type = ("codes", list)
        }
        return [
            "tag": .integer(Int64(field.tag.rawValue)), "key": .string(field.key),
            "type": .string(type.name), "personal": .bool(field.isPersonal),
            "unit": JSONValue(field.unit),
            "codes": type.codes.map { .array($0.entries.map { .string($0.code) }) } ?? .null,
            "range": field.range.map {
                .array([.string($0.lowerBound.text), .string($0.upperBound.text)])
            } ?? .null,
        ]
    }

    /// Answers of `mostSevere` sections and their severity.
    static func severities() -> JSONValue {
        func answers(_ change: (inout Answers) -> Void) -> SectionAnswers {
            var answers = Answers()
            change(&answers)
            return answers.values
        }
        let housing = [
            answers { _ in },
            answers {
                $0[Housing.dwellingSource] = .own
                $0[Housing.grade] = .b
            },
            answers {
                $0[Housing.dwellingSource] = .own
                $0[Housing.grade] = .d
            },
            answers {
                $0[Housing.dwellingSource] = .own
                $0[Housing.occupied] = false
                $0[Housing.grade] = .a
            },
            answers { $0[Housing.dwellingSource] = DwellingSource.none },
            answers {
                $0[Housing.dwellingSource] = .own
                $0[Housing.siteSafe] = .unsafe
            },
            [Housing.dwellingSource.definition.tag: .code("99")],
            [Housing.dwellingSource.definition.tag: .text("1")],
        ]
        let qualities = [
            answers { _ in }, answers { $0[Water.qualityBasis] = .failed },
            answers { $0[Water.qualityBasis] = .standard },
            answers {
                $0[Water.qualityBasis] = .sensory
                $0[Water.visibleMatter] = true
            },
            answers { $0[Water.qualityBasis] = .sensory },
        ]
        let quantities = [Int64?.none, 60, 40, 35, 30, 10].map { litres in
            answers {
                $0[Water.litresPerPersonDay] = litres.flatMap {
                    ScaledDecimal(unscaled: $0, scale: 0)
                }
            }
        }
        let access = [Int64?.none, 10, 20, 30].map { minutes in
            answers {
                $0[Water.toHome] = false
                $0[Water.roundTripMinutes] = minutes
            }
        }
        let distances = [(Int64(900), Int64?(10)), (400, 40), (500, 60), (400, nil)].map { horizontal, vertical in
            answers {
                $0[Water.toHome] = false
                $0[Water.horizontalMetres] = horizontal
                $0[Water.verticalMetres] = vertical
            }
        }
        let reliability = [Int64?.none, 18, 36, 37].map { days in
            answers { $0[Water.shortDaysYear] = days }
        }
        let insurance = [
            answers { $0[Medical.insurance] = .resident },
            answers {
                $0[Medical.insurance] = .resident
                $0[Medical.insuredYear] = 2026
            },
            answers { $0[Medical.insurance] = Insurance.none },
            answers {
                $0[Medical.insurance] = Insurance.none
                $0[Medical.uninsuredReason] = .died
            },
        ]
        let cases: [(Form, String, [SectionAnswers])] = [
            (Housing.form, "safety", housing), (Water.form, "quantity", quantities),
            (Water.form, "quality", qualities), (Water.form, "access", access + distances),
            (Water.form, "access", [answers { $0[Water.toHome] = true }]),
            (Water.form, "reliability", reliability),
            (Medical.form, "insurance", insurance),
        ]
        return .array(
            cases.flatMap { form, key, answers in
                let section = form.section(key: key)!
                return answers.map { answers in
                    JSONValue.object([
                        "kind": .integer(Int64(form.kind.rawValue)),
                        "section": .integer(Int64(section.tag.rawValue)),
                        "answers": json(answers),
                        "severity": .integer(
                            Int64(SectionSeverity.of(form.kind, section.tag, answers))),
                    ])
                }
            })
    }
}
