public import SurveyMerge
public import SurveyModel

/// Where a checked subject stands in coverage. "Basically safe" counts as safe.
public enum Outcome: Sendable, Hashable {
    case safe
    case unsafe
    case notAssessed
    case excluded
    /// Its siblings lead to different conclusions; `maybeSafe` when one of them is safe.
    case contested(maybeSafe: Bool)

    init(_ result: AssessmentResult) {
        switch result {
        case .safe, .basicallySafe: self = .safe
        case .unsafe: self = .unsafe
        case .notAssessed: self = .notAssessed
        case .excluded: self = .excluded
        }
    }
}

/// The judgement of a check record for every combination of its siblings.
///
/// At most 256 combinations are judged; a record with more is contested.
public struct Judgement: Sendable, Hashable {
    public static let combinationLimit = 256

    public let outcome: Outcome
    /// Of the answers as shown.
    public let assessment: Assessment?

    public init(_ record: RecordState, in context: AssessmentContext) {
        self.assessment = context.assess(record.key.kind, record.answers)
        let results = Self.results(record, in: context)
        switch results.count {
        case 0: self.outcome = .notAssessed
        case 1: self.outcome = results.first!
        default: self.outcome = .contested(maybeSafe: results.contains(.safe))
        }
    }

    /// The name of the outcome in JSON: `safe`, `basically_safe`, `unsafe`, `contested`, ….
    public var key: String {
        switch outcome {
        case .contested: "contested"
        case .safe, .unsafe, .notAssessed, .excluded:
            (assessment?.result ?? .notAssessed).rawValue
        }
    }

    private static func results(_ record: RecordState, in context: AssessmentContext)
        -> Set<Outcome>
    {
        var combinations: [Answers] = [Answers()]
        for section in record.sections.values.sorted(by: { $0.section < $1.section }) {
            guard combinations.count * section.siblings.count <= combinationLimit else {
                return [.safe, .unsafe]
            }
            combinations = combinations.flatMap { answers in
                section.siblings.map { Answers(sections: [answers.values, $0.answers]) }
            }
        }
        return Set(
            combinations.compactMap { context.assess(record.key.kind, $0) }
                .map { Outcome($0.result) })
    }
}
