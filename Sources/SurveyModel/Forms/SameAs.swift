public import Foundation

/// Two register entries that are one household, or one person: said by the pair, so that two people
/// who join the same pair apart say the same thing. Saying that they are not the same takes it back.
public enum SameAs {
    /// The lesser id of the two.
    public static let first = Field<Data>(
        1, "first", zh: "第一条", en: "first entry", type: .identifier, required: .always)
    public static let second = Field<Data>(
        2, "second", zh: "第二条", en: "second entry", type: .identifier, required: .always)
    public static let same = Field<Bool>(
        3, "same", zh: "是同一户（人）", en: "the same", type: .boolean, required: .always)
    public static let reason = Field<String>(
        4, "reason", zh: "理由", en: "reason", type: .text(limit: 500))

    public static let form = Form(
        .sameAs, "same_as", zh: "重复记录", en: "duplicate entries", subject: .pair,
        [
            Section(
                1, "pair", zh: "两条", en: "pair",
                [first.definition, second.definition, same.definition, reason.definition])
        ])
}
