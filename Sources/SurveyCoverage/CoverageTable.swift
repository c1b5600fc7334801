public import SurveyModel

/// The counts of one guarantee. safe + unsafe + contested + notAssessed = registered, always.
public struct GuaranteeCount: Sendable, Hashable {
    public let registered: Int
    public let checked: Int
    /// "Basically safe" included.
    public let safe: Int
    public let unsafe: Int
    public let contested: Int
    /// Unchecked included.
    public let notAssessed: Int
    /// Reasonably outside the denominator; not part of `registered`.
    public let excluded: Int
    /// Contested ones of which one answer would be safe: the upper end of the rate.
    public let maybeSafe: Int
    /// Others of which one answer would leave the denominator: the upper end as well.
    public let maybeExcluded: Int

    public init(_ guarantee: Guarantee, _ tally: Tally) {
        let counters = guarantee.counters
        excluded = counters.excluded.map { tally[$0] } ?? 0
        registered = tally[guarantee.registered] - excluded
        safe = tally[counters.safe]
        unsafe = tally[counters.unsafe]
        contested = tally[counters.contested]
        maybeSafe = tally[counters.maybeSafe]
        maybeExcluded = counters.maybeExcluded.map { tally[$0] } ?? 0
        notAssessed = registered - safe - unsafe - contested
        checked = safe + unsafe + contested + tally[counters.notAssessed]
    }

    public var lowRate: Rate { Rate(safe, of: registered) }
    public var highRate: Rate { Rate(safe + maybeSafe, of: registered - maybeExcluded) }
}

/// Findings of a round. Rate = rectified / received.
public struct FindingCount: Sendable, Hashable {
    public let received: Int
    /// Verified ones included.
    public let rectified: Int
    public let verified: Int
    /// Past their deadline and not rectified, on the day of reading.
    public let overdue: Int

    init(_ tally: Tally) {
        received = tally[.findingsReceived]
        rectified = tally[.findingsRectified]
        verified = tally[.findingsVerified]
        overdue = tally[.findingsOverdue]
    }

    public var rate: Rate { Rate(rectified, of: received) }
}

/// Villages by their clinics.
public struct ClinicCount: Sendable, Hashable {
    public let villages: Int
    public let checked: Int
    /// Without a clinic arrangement or a qualified doctor.
    public let blank: Int
    public let contested: Int
}

/// What rows stand for.
public enum RollUp: String, Sendable, CaseIterable {
    case city
    case county
    case unit
    case township
    case village
}

/// One line of coverage.
public struct CoverageRow: Sendable {
    /// A code, or a managing unit's name.
    public let area: String
    public let name: String
    public let level: RollUp
    public let tally: Tally
    /// Villages that it stands for, withdrawn ones in which something is registered included.
    public let villages: [AreaID]
    /// Those that should have a clinic.
    let clinicVillages: Int
    /// Milliseconds since the epoch by the server's clock; nil when never.
    public let lastHeard: Int64?

    public var households: Int { tally[.households] }
    public var persons: Int { tally[.persons] }
    public var heldEdits: Int { tally[.heldEdits] }
    public var unregistered: Int { tally[.unregistered] }
    /// Taken out of the counts by somebody: not part of ``households`` and ``persons``.
    public var setAside: (households: Int, persons: Int) {
        (tally[.householdsSetAside], tally[.personsSetAside])
    }
    /// Households without a number or without members, persons without a household: counted, and
    /// somebody has to look at them.
    public var flagged: (households: Int, persons: Int) {
        (tally[.householdsFlagged], tally[.personsFlagged])
    }
    /// Pairs of entries that are probably one, and of which nobody has said whether they are.
    public var probableDuplicates: Int { tally[.probableDuplicates] }

    public func count(_ guarantee: Guarantee) -> GuaranteeCount {
        GuaranteeCount(guarantee, tally)
    }

    public var findings: FindingCount { FindingCount(tally) }

    public var clinics: ClinicCount {
        ClinicCount(
            villages: clinicVillages, checked: tally[.clinicsChecked], blank: tally[.clinicsBlank],
            contested: tally[.clinicsContested])
    }
}

/// A village's counts: the register and one round together, as ``Tally/inRound(of:)`` reads them.
public struct VillageCount: Sendable {
    public let village: AreaID
    public let tally: Tally
    public let lastHeard: Int64?

    public init(village: AreaID, tally: Tally, lastHeard: Int64?) {
        self.village = village
        self.tally = tally
        self.lastHeard = lastHeard
    }
}

/// Sums villages into rows by the area tree or by the scope list.
public struct CoverageTable: Sendable {
    public let rows: [CoverageRow]
    public let total: CoverageRow?

    /// - Parameters:
    ///   - villages: which villages take part; those without counts are rows of zeros, unless they
    ///     are withdrawn.
    ///   - tree: the register that the round keeps. What was merged counts as what took it in.
    public init(
        _ counts: [VillageCount], villages: [Area], tree: AreaTree, by level: RollUp
    ) {
        let byVillage = Dictionary(counts.map { ($0.village, $0) }) { a, _ in a }
        let villages = villages.map { tree[$0.id] ?? $0 }.filter {
            !$0.isWithdrawn || byVillage[$0.id]?.tally.isEmpty == false
        }
        let chosen = Set(villages.map(\.id))
        var order: [Group] = []
        var members: [Group: [Area]] = [:]
        for village in villages {
            // Whoever may not read what took a village in still sees that village.
            let standing = tree.standing(for: village.id)
            let isAlone = level == .village && !chosen.contains(standing)
            let place = isAlone ? village : tree[standing] ?? village
            let group = Self.group(place, tree: tree, by: level)
            if members[group] == nil { order.append(group) }
            members[group, default: []].append(village)
        }
        rows = order.map { group in
            Self.row(group.code, group.name, level, members[group] ?? [], byVillage)
        }
        total = rows.count < 2 ? nil : Self.row("", "", level, villages, byVillage)
    }

    private static func row(
        _ code: String, _ name: String, _ level: RollUp, _ villages: [Area],
        _ counts: [AreaID: VillageCount]
    ) -> CoverageRow {
        let counted = villages.compactMap { counts[$0.id] }
        let clinics = villages.count {
            !$0.isWithdrawn || (counts[$0.id]?.tally[.clinicsChecked] ?? 0) > 0
        }
        return CoverageRow(
            area: code, name: name, level: level,
            tally: counted.reduce(Tally()) { $0 + $1.tally }, villages: villages.map(\.id),
            clinicVillages: clinics, lastHeard: counted.compactMap(\.lastHeard).max())
    }

    /// An area by its id, because two registers give one code to different areas; or a unit.
    private struct Group: Hashable {
        let id: AreaID?
        let code: String
        let name: String
    }

    private static func group(_ village: Area, tree: AreaTree, by level: RollUp)
        -> Group
    {
        if level == .unit {
            let unit =
                village.managingUnit ?? tree.path(of: village.id).first {
                    $0.level == .county
                }?.name ?? "—"
            return Group(id: nil, code: unit, name: unit)
        }
        let wanted: AreaLevel =
            switch level {
            case .city: .city
            case .county: .county
            case .township: .township
            case .village, .unit: .village
            }
        let area = tree.path(of: village.id).first { $0.level == wanted } ?? village
        return Group(id: area.id, code: area.code, name: area.name)
    }
}
