internal import Foundation
public import SurveyLog
public import SurveyModel

/// Whether an edit counts.
public enum Inclusion: Sendable, Hashable {
    case included
    case held(HoldReason?)
    case rejected
}

/// What the decisions about one edit come to.
///
/// Among decisions that have not seen each other: accept beside reject → held; else reject, accept,
/// lift, hold, in this order of strength.
///
/// - Parameter decisions: the folded decision record of the edit.
public func inclusion(by decisions: RecordState) -> Inclusion {
    let siblings = decisions.sections.values.flatMap(\.siblings).map { Answers($0.answers) }
    let verdicts = Set(siblings.compactMap { $0[DecisionForm.verdict] })
    let reason = siblings.lazy.compactMap { $0[DecisionForm.reason] }.first
    if verdicts.isSuperset(of: [.accept, .reject]) { return .held(reason) }
    if verdicts.contains(.reject) { return .rejected }
    if verdicts.contains(.accept) || verdicts.contains(.lift) { return .included }
    return verdicts.contains(.hold) ? .held(reason) : .included
}

extension RecordKey {
    /// The record of the decisions about an edit.
    public static func decision(about edit: EditID) -> RecordKey {
        RecordKey(kind: .decision, subject: edit.half)
    }
}
