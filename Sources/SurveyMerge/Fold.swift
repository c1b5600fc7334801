public import SurveyLog
public import SurveyModel

/// Folds a record's edits into its surviving sections.
///
/// A section value of an edit survives if the edit is included and no included or erased edit that
/// writes the same section has it in its `seen`. Values are compared by canonical value: equal ones
/// are one sibling.
///
/// Shape: section → siblings, one when agreed, two or more when contested.
/// Order and duplicates of `edits` do not matter. Cost: O(references + edits × sections).
/// Source: multi-value register, Shapiro et al. 2011, section 3.2.2; causal contexts as exact dots
/// after Preguiça et al. 2010, "Dotted Version Vectors".
///
/// - Parameters:
///   - subjects: other register entries that are the same subject: their records count as this one.
///   - excluded: edits that are held or rejected by a decision.
/// - Throws: ``MergeError/foreignRecord`` when an edit belongs to another record.
public func fold(
    _ key: RecordKey, _ edits: some Collection<Edit>, joining subjects: Set<SubjectID> = [],
    excluding excluded: Set<EditID>
) throws(MergeError) -> RecordState {
    if edits.count == 1, let only = edits.first, only.header.record == key,
        let state = RecordState(only: only, excluding: excluded)
    {
        return state
    }
    var distinct: [EditID: Edit] = [:]
    for edit in edits {
        let record = edit.header.record
        guard record == key || record.isOf(key, about: subjects) else { throw .foreignRecord }
        // Of one edit with and without its body, the body counts, whichever comes first.
        if distinct[edit.id]?.body == nil { distinct[edit.id] = edit }
    }
    let all = distinct.values.sorted { $0.id < $1.id }
    let included = all.filter { !excluded.contains($0.id) }
    let covering = all.filter { $0.body == nil || !excluded.contains($0.id) }

    var covered: [SectionTag: Set<Reference>] = [:]
    for edit in covering {
        for section in edit.header.sections {
            covered[section, default: []].formUnion(edit.header.seen)
        }
    }

    var surviving: [SectionTag: [SectionAnswers: [Edit]]] = [:]
    for edit in included {
        guard let body = edit.body else { continue }
        for section in edit.header.sections
        where covered[section]?.contains(edit.reference) != true {
            let answers = (body.sections[section] ?? [:]).canonical
            surviving[section, default: [:]][answers, default: []].append(edit)
        }
    }

    let isContested = surviving.values.contains { $0.count > 1 }
    let depth = CausalDepth(isContested ? included : [])
    var sections: [SectionTag: SectionState] = [:]
    for (section, values) in surviving {
        let siblings = values.map { Sibling(answers: $0.key, edits: $0.value) }
            .sorted { $0.id < $1.id }
        sections[section] = SectionState(
            section: section, siblings: siblings,
            provisional: provisional(siblings, of: section, in: key.kind, depth))
    }
    return RecordState(
        key: key, sections: sections, included: included,
        excluded: all.filter { excluded.contains($0.id) })
}

extension RecordKey {
    fileprivate func isOf(_ key: RecordKey, about subjects: Set<SubjectID>) -> Bool {
        kind == key.kind && round == key.round && subjects.contains(subject)
    }
}

/// The value of a section that is shown meanwhile: the same on every replica.
private func provisional(
    _ siblings: [Sibling], of section: SectionTag, in kind: RecordKind, _ depth: CausalDepth
) -> SectionAnswers {
    guard siblings.count > 1 else { return siblings[0].answers }
    func rank(_ sibling: Sibling) -> (depth: Int, id: EditID) {
        sibling.edits.map { (depth.depth(of: $0.reference), $0.id) }.max { $0 < $1 }!
    }
    let byDepth = siblings.sorted { rank($0) > rank($1) }
    switch Form.form(of: kind)?.section(section)?.policy ?? .deepest {
    case .deepest:
        return byDepth[0].answers
    case .mostSevere:
        func severity(_ sibling: Sibling) -> Int {
            SectionSeverity.of(kind, section, sibling.answers)
        }
        let worst = byDepth.map(severity).max()
        return byDepth.first { severity($0) == worst }!.answers
    case .union:
        return union(byDepth.map(\.answers))
    }
}

/// All codes that anybody names; of other answers the first.
private func union(_ all: [SectionAnswers]) -> SectionAnswers {
    var union: SectionAnswers = [:]
    var codes: [FieldTag: [String]] = [:]
    for (tag, value) in all.joined() {
        switch (union[tag], value) {
        case (nil, _): union[tag] = value
        case (.codes(let first)?, .codes(let more)): codes[tag, default: first] += more
        default: break
        }
    }
    for (tag, codes) in codes { union[tag] = .codes(normalizing: codes) }
    return union
}
