/// What a record is about; the tag of its form. Tags are never reused.
///
/// A tag this version does not know is kept and counted, never refused.
public struct RecordKind: RawRepresentable, Sendable, Hashable, Comparable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let household = RecordKind(rawValue: 1)
    public static let person = RecordKind(rawValue: 2)
    public static let housing = RecordKind(rawValue: 3)
    public static let water = RecordKind(rawValue: 4)
    public static let medical = RecordKind(rawValue: 5)
    public static let schooling = RecordKind(rawValue: 6)
    public static let clinic = RecordKind(rawValue: 7)
    public static let monitored = RecordKind(rawValue: 8)
    public static let finding = RecordKind(rawValue: 9)
    public static let sameAs = RecordKind(rawValue: 10)

    public static let area = RecordKind(rawValue: 32)
    public static let round = RecordKind(rawValue: 33)
    public static let user = RecordKind(rawValue: 34)
    public static let device = RecordKind(rawValue: 35)
    public static let decision = RecordKind(rawValue: 36)
    public static let excerpt = RecordKind(rawValue: 37)

    public static func < (a: RecordKind, b: RecordKind) -> Bool { a.rawValue < b.rawValue }
}

/// The identity of a record: shape (kind, subject, round).
///
/// Two surveyors who check the same house in the same round meet in the same record.
public struct RecordKey: Sendable, Hashable {
    public let kind: RecordKind
    public let subject: SubjectID
    public let round: RoundID

    public init(kind: RecordKind, subject: SubjectID, round: RoundID = .register) {
        self.kind = kind
        self.subject = subject
        self.round = round
    }

    /// What people type: `housing-01jd…` in a round, `household-01jd…` in the register.
    public var text: String {
        let name = Form.form(of: kind)?.key ?? "kind\(kind.rawValue)"
        return round == .register
            ? "\(name)-\(subject.text)" : "\(name)-\(subject.text)-\(round.text)"
    }
}
