import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveyWire

/// Segments that are stored in one transaction, each edit judged as if it had come alone: by
/// everything before it, whether that came in the same segment, in the same request or in
/// another one that is committed together.
struct Arrival {
    let log: LogSession
    private var db: Database { log.db }
    /// The server's time in milliseconds.
    let now: Int64
    /// The tally clock.
    let clock: Int64
    var judge: Judge
    var settlement = Settlement()
    /// Decisions of servers came that are not projected yet.
    private var decisionsWait = false

    init(_ log: LogSession, now: Int64, clock: Int64) {
        self.log = log
        self.now = now
        self.clock = clock
        judge = Judge(log)
    }

    mutating func store(_ push: Push, _ draft: inout ServerLog.Draft) throws -> [PushedSegment] {
        // The server's own segments, which a restored server is given back, come first: they say
        // who may write what follows.
        let register = push.segments.filter(\.isRegister)
        for segment in register where try Feed.append(segment, log).isNew {
            settlement.isRegisterBack = true
        }
        if !register.isEmpty {
            try draft.seal()
            try Projector.catchUpRegister(log)
            judge.registerChanged()
        }
        judge.await(push.segments)
        return try push.segments.map { segment in
            let number: UInt64
            if let known = try SegmentLog.number(of: segment.id, in: db) {
                number = UInt64(known)
            } else {
                number = try append(segment, &draft)
            }
            return PushedSegment(id: segment.id, result: .stored(number))
        }
    }

    private mutating func append(_ segment: Segment, _ draft: inout ServerLog.Draft) throws
        -> UInt64
    {
        if try isOfNewChecks(segment) { return try store(checks: segment, &draft) }
        judge.places.forget()
        defer { judge.places.forget() }
        let number =
            segment.frame.endorsement == nil
            ? try store(segment, &draft) : try take(segment, &draft)
        try settlement.note(segment, judge.places)
        return number
    }

    // MARK: Checks

    /// The usual case: a device's checks, none of which was here in any other way. They put nobody
    /// anywhere, so that each is judged by what was there before all of them.
    private mutating func isOfNewChecks(_ segment: Segment) throws -> Bool {
        let frame = segment.frame
        guard frame.endorsement == nil, !decisionsWait,
            segment.edits.allSatisfy({ $0.header.record.isCheck }),
            try !SegmentLog.hasEdits(
                of: frame.replica, from: frame.first, to: frame.last, in: db)
        else { return false }
        guard try !Records.isAnyAwaited(segment.edits, in: db) else { return false }
        // Only a long log can have written one of the records too often, and only where many wrote.
        let bound = EditBounds.editsOfRecord
        guard try frame.last > bound || judge.written.isLong(frame.replica, db) else {
            return true
        }
        return try log.mostPlaces(of: Set(segment.edits.map(\.header.record)))
            + segment.edits.count < bound
    }

    private mutating func store(checks segment: Segment, _ draft: inout ServerLog.Draft) throws
        -> UInt64
    {
        guard let writer = try Accounts.device(segment.frame.replica, in: db) else {
            throw DamagedDatabase("device")
        }
        try judge.places.read(Set(segment.edits.map(\.header.record.subject)))
        let held = try segment.edits.compactMap { edit in
            try hold(edit, from: writer, &draft).map { (edit: edit, reason: $0) }
        }
        // A hold is numbered before the segment that it holds.
        try draft.seal()
        if held.count < segment.edits.count {
            try Coverage.note(segment.frame.area, heardAt: now, clock: clock, in: db)
        }
        let number = try Feed.append(segment, log).number
        judge.written.forget()
        for (edit, reason) in held {
            try HeldEdits.note(edit, because: reason, judge.places)
        }
        settlement.noteArrival(of: segment)
        for (edit, _) in held { settlement.decided[edit.id] = edit }
        let heldIDs = Set(held.map(\.edit.id))
        for edit in segment.edits where !heldIDs.contains(edit.id) {
            if try Excerpts.displaces(edit, judge.places) {
                settlement.displaced.insert(edit.header.record.subject)
            }
        }
        return number
    }

    // MARK: Anything

    /// A server's segment: nothing to judge, but it may say where somebody is.
    private mutating func take(_ segment: Segment, _ draft: inout ServerLog.Draft) throws -> UInt64
    {
        let edits = segment.edits.map { ((try? $0.repeated()) ?? nil) ?? $0 }
        let subjects = Set(edits.filter(\.isEntry).map(\.header.record.subject))
        let strangers = try subjects.filter { try judge.places.area(ofEntry: $0) == nil }
        if segment.edits.contains(where: { $0.header.record.kind == .decision }) {
            decisionsWait = true
        }
        let number = try Feed.append(segment, log).number
        // Those of devices are repeated by a server's excerpts.
        for edit in edits where edit.dot.replica != segment.frame.replica {
            try Naming.note(edit, log)
        }
        try follow(subjects, strangers: strangers, &draft)
        return number
    }

    private mutating func store(_ segment: Segment, _ draft: inout ServerLog.Draft) throws -> UInt64
    {
        guard let writer = try Accounts.device(segment.frame.replica, in: db) else {
            throw DamagedDatabase("device")
        }
        if decisionsWait {
            try draft.seal()
            try Projector.catchUpRegister(log)
            judge.registerChanged()
            decisionsWait = false
        }
        var held = 0
        // What came in another segment before was judged then.
        for edit in segment.edits where try !log.contains(edit) {
            if try !judge(edit, from: writer, &draft) { held += 1 }
        }
        // A hold is numbered before the segment that it holds.
        try draft.seal()
        if held < segment.edits.count {
            try Coverage.note(segment.frame.area, heardAt: now, clock: clock, in: db)
        }
        return try Feed.append(segment, log).number
    }

    /// Judges a new edit and stores it.
    ///
    /// - Returns: whether it counts.
    private mutating func judge(
        _ edit: Edit, from writer: RegisteredDevice, _ draft: inout ServerLog.Draft
    ) throws -> Bool {
        // A decision about it that came before, as after a restore, goes on deciding.
        let isDecided = try Records.isDecided(edit.id, in: db)
        let reason = try isDecided ? nil : hold(edit, from: writer, &draft)
        guard try isDecided ? !judge.places.isExcluded(edit.id) : reason == nil else {
            try insert(edit, from: writer, &draft)
            try HeldEdits.note(edit, because: reason, judge.places)
            return false
        }
        let subject = edit.header.record.subject
        let isStranger = try edit.isEntry && judge.places.area(ofEntry: subject) == nil
        try insert(edit, from: writer, &draft)
        try Naming.note(edit, log)
        if edit.isEntry {
            // Other sections put nobody anywhere.
            if edit.isPlacing || isStranger {
                try follow([subject], strangers: isStranger ? [subject] : [], &draft)
            }
        }
        if edit.header.record.kind == .finding { try settleNamesakes(of: edit, &draft) }
        return true
    }

    /// Stores an edit. One that came before those that its log wrote earlier may be beyond the bound now.
    private mutating func insert(
        _ edit: Edit, from writer: RegisteredDevice, _ draft: inout ServerLog.Draft
    ) throws {
        try log.open(edit)
        guard let counter = try judge.written.note(edit, db) else { return }
        for late in try log.edits(of: edit.dot.replica, at: counter)
        where try late.header.record == edit.header.record
            && !judge.places.isExcluded(late.id) && !Registration.isAccepted(late, log)
        {
            try Registration.hold(late, .tooManyEdits, of: writer, &judge, &draft)
            settlement.displaced.formUnion(try judge.places.subjects(of: late))
        }
    }

    /// Holds an edit that may not count.
    ///
    /// - Returns: why it may not.
    private mutating func hold(
        _ edit: Edit, from writer: RegisteredDevice, _ draft: inout ServerLog.Draft
    ) throws -> HoldReason? {
        guard let reason = try judge.reason(for: edit, from: writer) else { return nil }
        judge.places.decided.held.insert(edit.id)
        try Holds.decide(.hold, edit, root: writer.root, reason: reason, seen: [], &draft)
        return reason
    }

    /// The finding that a check calls for has an id that anybody can compute. Once what it is about is
    /// said, what was written into it about anything else is held.
    private mutating func settleNamesakes(of edit: Edit, _ draft: inout ServerLog.Draft) throws {
        guard edit.isCalledFor else { return }
        let about = edit.answers[Finding.about]
        for other in try judge.places.state(of: edit.header.record).included {
            guard let named = other.answers[Finding.about], named != about,
                let device = try Accounts.device(other.dot.replica, in: db)
            else { continue }
            try Registration.hold(other, .wrongSubject, of: device, &judge, &draft)
            settlement.displaced.formUnion(
                [named, about].compactMap { $0 }.compactMap(SubjectID.init))
        }
    }

    /// What follows at once from entries that were written: the next edit is judged by that too.
    private mutating func follow(
        _ subjects: Set<SubjectID>, strangers: Set<SubjectID>, _ draft: inout ServerLog.Draft
    ) throws {
        var (open, strangers) = (subjects, strangers)
        while !open.isEmpty {
            var changed: [Edit] = []
            for subject in strangers.sorted()
            where try judge.places.area(ofEntry: subject) != nil {
                settlement.displaced.insert(subject)
                changed += try Registration.judgeAgain(subject, &judge, &draft)
            }
            changed += try HeldEdits.lift(about: open, &judge, &draft)
            open = try changed.reduce(into: []) { $0.formUnion(try judge.places.subjects(of: $1)) }
            settlement.displaced.formUnion(open)
            strangers = []
        }
    }
}

extension Segment {
    /// Written by a server into the area that everybody reads.
    var isRegister: Bool { frame.endorsement != nil && frame.area == .reserved }
}

extension RecordKey {
    /// Whether it is the check of a household, a person or a clinic in a round.
    fileprivate var isCheck: Bool {
        let kinds: [RecordKind] = [.housing, .water, .medical, .schooling, .clinic, .monitored]
        return round != .register && kinds.contains(kind)
    }
}

extension Edit {
    /// Of the entry of a household or a person: it may say where that is.
    fileprivate var isEntry: Bool {
        let record = header.record
        return record.round == .register && (record.kind == .household || record.kind == .person)
    }
}
