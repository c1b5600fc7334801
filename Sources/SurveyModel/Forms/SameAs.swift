public import Foundation

/// Two register entries that are one household: said by the pair, so that two people who join the
/// same pair apart say the same thing. Saying that they are not the same takes it back.
public enum SameAs {
    /// The lesser id of the two.
    public static let first = Field<Data>(
        1, "first", zh: "第一户", en: "first household", type: .identifier, required: .always)
    public static let second = Field<Data>(
        2, "second", zh: "第二户", en: "second household", type: .identifier, required: .always)
    public static let same = Field<Bool>(
        3, "same", zh: "是同一户", en: "same household", type: .boolean, required: .always)
    public static let reason = Field<String>(
        4, "reason", zh: "理由", en: "reason", type: .text(limit: 500))

    public static let form = Form(
        .sameAs, "same_as", zh: "重复户", en: "duplicate households", subject: .pair,
        [
            Section(
                1, "pair", zh: "两户", en: "pair",
                [first.definition, second.definition, same.definition, reason.definition])
        ])
}
