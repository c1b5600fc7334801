public import SurveyMerge
public import SurveyModel

/// Where a checked subject stands.
public enum Outcome: String, Sendable, Hashable {
    case safe
    case basicallySafe = "basically_safe"
    case unsafe
    case notAssessed = "not_assessed"
    case excluded
    /// Its siblings lead to different conclusions, none of them safe or excluded.
    case contested
    /// Its siblings lead to different conclusions, one of them safe.
    case contestedMaybeSafe = "contested_maybe_safe"
    /// Its siblings lead to different conclusions, none of them safe and one excluded.
    case contestedMaybeExcluded = "contested_maybe_excluded"

    init(_ result: AssessmentResult) {
        switch result {
        case .safe: self = .safe
        case .basicallySafe: self = .basicallySafe
        case .unsafe: self = .unsafe
        case .notAssessed: self = .notAssessed
        case .excluded: self = .excluded
        }
    }

    /// The name in JSON, where a contested subject is just that.
    public var publicName: String {
        isContested ? Outcome.contested.rawValue : rawValue
    }

    public var isContested: Bool {
        [.contested, .contestedMaybeSafe, .contestedMaybeExcluded].contains(self)
    }

    public var label: Label {
        switch self {
        case .safe: AssessmentResult.safe.label
        case .basicallySafe: AssessmentResult.basicallySafe.label
        case .unsafe: AssessmentResult.unsafe.label
        case .notAssessed: AssessmentResult.notAssessed.label
        case .excluded: AssessmentResult.excluded.label
        case .contested, .contestedMaybeSafe, .contestedMaybeExcluded:
            Label(zh: "有争议", en: "contested")
        }
    }

    /// Basically safe counts as safe, so two siblings that differ only in that agree.
    fileprivate var counted: Outcome { self == .basicallySafe ? .safe : self }
}

/// Judges a check record for every combination of its siblings.
///
/// The same conclusion for all is that conclusion; different ones are contested. At most
/// ``combinationLimit`` combinations are judged; a record with more is contested.
///
/// - Returns: nil when no answer counts.
public func judge(_ record: RecordState, in context: AssessmentContext) -> Outcome? {
    guard !record.sections.isEmpty else { return nil }
    guard record.isContested else {
        return context.assess(record.key.kind, record.answers).map { Outcome($0.result) }
            ?? .notAssessed
    }
    guard let combinations = record.combinations else { return .contestedMaybeSafe }
    let outcomes = combinations.compactMap { context.assess(record.key.kind, $0) }
        .map { Outcome($0.result) }
    let counted = Set(outcomes.map(\.counted))
    guard counted.count > 1 else {
        return outcomes.contains(.basicallySafe) ? .basicallySafe : outcomes.first ?? .notAssessed
    }
    if counted.contains(.safe) { return .contestedMaybeSafe }
    return counted.contains(.excluded) ? .contestedMaybeExcluded : .contested
}

public let combinationLimit = 256

extension RecordState {
    /// The answers by every combination of siblings; nil when there are more than
    /// ``combinationLimit``.
    fileprivate var combinations: [Answers]? {
        guard isContested else { return [answers] }
        var combinations: [[SectionTag: SectionAnswers]] = [[:]]
        for section in sections.values.sorted(by: { $0.section < $1.section }) {
            guard combinations.count * section.siblings.count <= combinationLimit else {
                return nil
            }
            combinations = combinations.flatMap { sections in
                section.siblings.map { sibling in
                    sections.merging([section.section: sibling.answers]) { _, new in new }
                }
            }
        }
        let form = Form.form(of: key.kind)
        return combinations.map { Answers($0, of: form) }
    }

    /// The finding that a check calls for, whichever of its contested answers holds; nil when they
    /// call for different ones, or one of them for none.
    public func proposedFinding(in context: AssessmentContext) -> FindingProposal? {
        let proposals = Set(
            (combinations ?? []).map { answers in
                context.assess(key.kind, answers).flatMap {
                    FindingProposal(key.kind, $0, answers)
                }
            })
        return proposals.count == 1 ? proposals.first.flatMap { $0 } : nil
    }
}
