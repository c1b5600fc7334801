public import SurveyModel

/// Entries that are one, from what is said of pairs.
public enum JoinedEntries {
    /// The groups into which pairs join entries, each ascending. Cost: O(pairs).
    ///
    /// - Parameter same: the entries that each is said to be the same as, both ways.
    public static func groups(_ same: [SubjectID: [SubjectID]]) -> [[SubjectID]] {
        var found: Set<SubjectID> = []
        return same.keys.sorted().compactMap { start in
            guard found.insert(start).inserted else { return nil }
            var group = [start]
            var next = 0
            while next < group.count {
                for other in same[group[next]] ?? [] where found.insert(other).inserted {
                    group.append(other)
                }
                next += 1
            }
            return group.sorted()
        }
    }
}
