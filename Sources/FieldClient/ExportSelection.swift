import SurveyConsole
import SurveyModel

/// Why an export leaves fields out unless they are asked for; each also the name of all of them.
enum Withheld: String, CaseIterable {
    /// They point to a person: names, addresses, positions, incomes, notes.
    case personal
    /// They tell of somebody's health.
    case health
}

extension FieldDefinition {
    /// Why an export leaves it out; empty for what it always has.
    var withheld: [Withheld] {
        Withheld.allCases.filter { reason in
            switch reason {
            case .personal: isPersonal
            case .health: isHealth
            }
        }
    }
}

extension Form {
    /// An entry of the register belongs to none.
    var belongsToRound: Bool { kind != .household && kind != .person }

    /// Whether a standard judges its answers.
    var isJudged: Bool {
        let context = AssessmentContext(year: 0, waterStandard: .tches2018)
        return context.assess(kind, Answers()) != nil
    }
}

/// Which fields of a form an export has.
struct ExportSelection {
    let form: Form
    /// Fields and groups of fields that were asked for by name.
    private let names: Set<String>
    /// Positions become geometry, and are no columns.
    let isMap: Bool

    /// What every row says of its subject anyway.
    static let identifying: Set<String> = ["household_no", "village_code"]

    private static let because = "because"
    private static let ordinates = [Household.latitude.key, Household.longitude.key]
    private static let position = Set(ordinates + [Household.datum.key])

    /// - Throws: ``Failure`` for a name that the form does not have, or a map without positions.
    init(_ form: Form, _ names: [String], isMap: Bool) throws(Failure) {
        self.form = form
        self.names = Set(names)
        self.isMap = isMap
        var known = Withheld.allCases.map(\.rawValue) + form.fields.map(\.key)
        if form.isJudged { known.append(Self.because) }
        if isMap {
            guard form.subject == .household else {
                throw Failure(
                    .usage,
                    Label(
                        zh: "geojson 只用于 household、housing、water、monitored",
                        en: "geojson is for household, housing, water and monitored"))
            }
            known += Self.ordinates
        }
        for name in names where !known.contains(name) {
            var seen: Set<String> = []
            let list = known.filter { seen.insert($0).inserted }.joined(separator: ", ")
            throw Failure(
                .unknownColumn,
                localized(zh: "“\(name)”（可选：\(list)）", en: "“\(name)” (it has: \(list))"))
        }
        let positions = Self.ordinates.allSatisfy { self.names.contains($0) }
        guard !isMap || positions || self.names.contains(Withheld.personal.rawValue) else {
            throw Failure(.positionsNotAsked)
        }
    }

    /// Asked for by its own name, or by everything that would leave it out.
    private func isAsked(_ field: FieldDefinition) -> Bool {
        names.contains(field.key)
            || field.withheld.allSatisfy { names.contains($0.rawValue) }
    }

    /// The fields that are columns.
    var fields: [FieldDefinition] {
        form.fields.filter { field in
            !Self.identifying.contains(field.key) && isAsked(field)
                && !(isMap && Self.position.contains(field.key))
        }
    }

    /// Whether a row says why its subject stands where it does: the sentence repeats answers.
    var saysWhy: Bool {
        guard form.isJudged else { return false }
        return !form.fields.contains(where: \.isHealth) || names.contains(Self.because)
            || names.contains(Withheld.health.rawValue)
    }

    /// What was not asked for.
    var leftOut: [String] {
        let fields = form.fields.filter { field in
            !Self.identifying.contains(field.key) && !isAsked(field)
                && !(isMap && Self.position.contains(field.key))
        }
        return fields.map(\.key) + (form.isJudged && !saysWhy ? [Self.because] : [])
    }
}
