public import SurveyCoverage
public import SurveyModel

/// A household as a list shows it.
public struct HouseholdRow: Sendable {
    public let subject: SubjectID
    public let area: AreaID
    public let householdNo: String
    public let headName: String
    public let address: String
    /// Whether anybody was met there in the round; nil when nobody said.
    public let visit: VisitStatus?
    /// Members who live here or are away for a time.
    public let members: Int
    /// Of these, how many are of school age in the round.
    public let children: Int
    /// Of the members, how many have no medical check, or are children without one of schooling.
    public let uncheckedMembers: Int
    /// Housing and water of the household itself, medical and schooling of its worst member.
    public let checks: [Guarantee: Outcome]
    /// Numbers of other register entries that are the same household.
    public let sameAs: [String]
    /// Set aside: counted apart.
    public let isSetAside: Bool
    /// What somebody has to look at; nothing of one that is set aside.
    public let flags: [HouseholdFlag]

    /// What it is called by: its number, else the beginning of its id.
    public var handle: String {
        householdNo.isEmpty ? String(subject.text.prefix(10)) : householdNo
    }

    /// Whether a guarantee is checked here at all: schooling needs a child.
    public func isAsked(_ guarantee: Guarantee) -> Bool { guarantee != .schooling || children > 0 }
}

/// Why a household that counts may not belong in the counts.
public enum HouseholdFlag: String, Sendable, CaseIterable {
    case noNumber = "no_number"
    /// No members are registered, or all of them left.
    case noMembers = "no_members"

    public var label: Label {
        switch self {
        case .noNumber: Label(zh: "没有户编号", en: "no number")
        case .noMembers: Label(zh: "没有成员", en: "no members")
        }
    }
}

/// A person as a list shows it.
public struct PersonRow: Sendable {
    public let subject: SubjectID
    public let household: SubjectID
    public let householdNo: String
    public let area: AreaID
    public let personNo: String
    public let name: String
    public let birthDate: CalendarDate?
    public let isPresent: Bool
    /// Of compulsory school age in the round.
    public let isChild: Bool
    /// Medical, and schooling of a child.
    public let checks: [Guarantee: Outcome]
    /// Numbers of other register entries that are the same person.
    public let sameAs: [String]
    /// Set aside: counted apart.
    public let isSetAside: Bool
    /// Their entry names no household any more: ``household`` is the last one that it named.
    public let isUnplaced: Bool

    /// What they are called by: their household's number and their own, else the beginning of their id.
    public var handle: String {
        householdNo.isEmpty ? String(subject.text.prefix(10)) : "\(householdNo)/\(personNo)"
    }
}

extension Outcome {
    /// Greater is worse: what a household takes of its members.
    var severity: Int {
        switch self {
        case .excluded: 0
        case .safe: 1
        case .basicallySafe: 2
        case .notAssessed: 3
        case .contested, .contestedMaybeSafe, .contestedMaybeExcluded: 4
        case .unsafe: 5
        }
    }
}
