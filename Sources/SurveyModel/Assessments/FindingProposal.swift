/// A finding that an answer calls for, filled in for somebody to look at and save.
public struct FindingProposal: Sendable, Hashable {
    public let category: FindingCategory
    public let severity: Severity
    /// What was found, in words that name nobody.
    public let summary: Label

    /// - Returns: nil when the assessment gives no cause.
    ///
    /// Source: DOMAIN: a D house that is lived in is urgent. A dropout is as pressing: every day of
    /// school is lost.
    public init?(_ kind: RecordKind, _ assessment: Assessment, _ answers: Answers) {
        guard assessment.result == .unsafe else { return nil }
        switch kind {
        case .housing:
            category = .housing
            let grade = answers[Housing.grade]
            severity =
                grade == .d || answers[Housing.dwellingSource] == DwellingSource.none
                ? .urgent : .serious
        case .water:
            category = .water
            severity = answers[Water.qualityBasis] == .failed ? .serious : .ordinary
        case .medical:
            category = .medical
            severity = .ordinary
        case .clinic:
            category = .medical
            severity = .serious
        case .schooling:
            category = .schooling
            severity = answers[Schooling.state] == .droppedOut ? .urgent : .serious
        default: return nil
        }
        summary = Label(
            zh: assessment.deciding.map(\.label.zh).joined(separator: "；"),
            en: assessment.deciding.map(\.label.en).joined(separator: "; "))
    }
}
