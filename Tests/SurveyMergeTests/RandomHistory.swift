import SurveyLog
import SurveyMerge
import SurveyModel
import TestSupport

/// A random history of one record: several devices, some of them cloned, that write, and receive
/// parts of each other's edits in any order.
struct RandomHistory {
    static let key = RecordKey.test(.housing)
    /// Sections of the housing form with the policies `mostSevere` and `deepest`.
    static let sections = [1, 2, 3].map { SectionTag(rawValue: $0) }

    private(set) var edits: [Edit] = []
    /// What the author of each edit was shown.
    private(set) var shown: [EditID: Set<EditID>] = [:]

    private struct Device {
        var log: TestLog
        var known: [Edit] = []
    }

    init(seed: UInt64) throws {
        var random = SplitMix64(seed)
        var devices = (1...UInt8.random(in: 2...4, using: &random)).map { Device(log: TestLog($0)) }
        for _ in 0..<Int.random(in: 6...20, using: &random) {
            let here = devices.indices.randomElement(using: &random)!
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where devices.count < 6:
                // A copied home: the same key, the same log, from here on its own edits.
                devices.append(devices[here])
            case 0...3:
                let other = devices.indices.randomElement(using: &random)!
                let known = Set(devices[here].known.map(\.id))
                for edit in devices[other].known
                where !known.contains(edit.id) && Bool.random(using: &random) {
                    devices[here].known.append(edit)
                }
            default:
                try write(&devices[here], &random)
            }
        }
    }

    private mutating func write(_ device: inout Device, _ random: inout SplitMix64) throws {
        let tags = Set(
            Self.sections.filter { _ in Bool.random(using: &random) } + [
                Self.sections.randomElement(using: &random)!
            ])
        let state = try fold(Self.key, device.known, excluding: [])
        let seen = state.references(writing: tags)
        var body: [SectionTag: SectionAnswers] = [:]
        for tag in tags {
            // Few values, so that devices also agree by chance; 0 clears.
            let value = Int64.random(in: 0...3, using: &random)
            body[tag] = [
                FieldTag(rawValue: tag.rawValue * 10): value == 0 ? .null : .integer(value)
            ]
        }
        let edit = try device.log.write(Self.key, body, seen: seen)
        shown[edit.id] = Set(device.known.map(\.id))
        device.known.append(edit)
        // Clones that write the same answers at the same time write the same edit.
        if !edits.contains(where: { $0.id == edit.id }) { edits.append(edit) }
    }
}

/// What survives of each section: the edits, by whatever rule.
typealias Survivors = [SectionTag: Set<EditID>]

extension RecordState {
    var survivors: Survivors {
        sections.mapValues { Set($0.siblings.flatMap { $0.edits.map(\.id) }) }
    }
}

/// Folds by a wrong rule: `covers(e′, e)` says that e′ replaces e where both write a section.
func naiveFold(_ edits: [Edit], covers: (Edit, Edit) -> Bool) -> Survivors {
    var survivors: Survivors = [:]
    for edit in edits {
        for section in edit.header.sections {
            let isCovered = edits.contains { other in
                other.id != edit.id && other.header.sections.contains(section)
                    && covers(other, edit)
            }
            if !isCovered { survivors[section, default: []].insert(edit.id) }
        }
    }
    return survivors
}

/// The plain version vector, `replica → greatest counter`: the rule that Lianhu does not use.
func coversByMaximum(_ later: Edit, _ earlier: Edit) -> Bool {
    let greatest = later.header.seen.filter { $0.dot.replica == earlier.dot.replica }.map(
        \.dot.counter
    ).max()
    return greatest.map { $0 >= earlier.dot.counter } ?? false
}

/// Dots without the check of the id: the other rule that Lianhu does not use.
func coversByDot(_ later: Edit, _ earlier: Edit) -> Bool {
    later.header.seen.contains { $0.dot == earlier.dot }
}

/// Edits that are gone although nobody who replaced them had been shown them.
func lost(_ history: RandomHistory, by survivors: Survivors) -> Int {
    var lost = 0
    for edit in history.edits {
        for section in edit.header.sections where survivors[section]?.contains(edit.id) != true {
            let isReplaced = history.edits.contains { later in
                later.header.sections.contains(section)
                    && history.shown[later.id]?.contains(edit.id) == true
            }
            if !isReplaced { lost += 1 }
        }
    }
    return lost
}
