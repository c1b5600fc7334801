import Crypto
import Foundation
import ServerStore
import SurveyLog
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire
import TestSupport

/// A device as the server sees it: a key and a log, without a home.
struct Writer {
    let name: String
    let key: LogKey
    let user: UserID
    let serverKey: Data
    private var counter: UInt64 = 0
    private var chain: ChainValue

    /// Adds a user who may write these areas, and enrols a device of theirs.
    init(_ name: String, areas: [String], on server: ServerStore, seed: UInt64) throws {
        var random = SplitMix64(seed)
        self.name = name
        key = try LogKey(seed: Self.bytes(32, &random))
        serverKey = server.key.publicKey
        try server.addUser(name, role: .surveyor, areas: try server.areaTree().find(all: areas))
        let code = try server.issueCode(for: name).code
        let request = EnrolRequest(
            fingerprint: code.fingerprint, secret: code.secret, publicKey: key.publicKey,
            nonce: Self.bytes(16, &random))
        user = try server.enrol(EnrolRequest(bytes: try request.sealed(by: key))).user
        chain = ChainValue(publicKey: key.publicKey)
    }

    /// A check as somebody would answer it.
    struct Check {
        let record: RecordKey
        let area: AreaID
        let sections: [SectionTag: SectionAnswers]
        /// The same answers as a row of a table.
        let row: [BareSQLite.Value]
    }

    /// Requests with checks, so many in each, signed. Checks of one village are one segment.
    mutating func requests(_ checks: [Check], by size: Int, seed: UInt64) throws -> [Data] {
        var random = SplitMix64(seed)
        return try stride(from: 0, to: checks.count, by: size).map { start in
            let segments = try segments(Array(checks[start..<min(start + size, checks.count)]))
            var request = SyncRequest(
                serverKey: ServerKeyID.make(serverKey), replica: key.replica,
                nonce: Self.bytes(16, &random),
                head: Tip(replica: key.replica, counter: counter, chain: chain), receipt: nil,
                position: FeedPosition(), segments: segments.map { $0.encoded() },
                relayed: [], opened: [], receiptOnly: true, tallyPosition: nil)
            request.answerKey = try AnswerKey(seed: Self.bytes(32, &random)).publicKey
            return try request.sealed(by: key)
        }
    }

    private mutating func segments(_ checks: [Check]) throws -> [Segment] {
        var segments: [Segment] = []
        var run: [Edit] = []
        func seal() throws {
            guard !run.isEmpty else { return }
            let segment = try Segment.seal(run, after: chain, key: key)
            chain = segment.frame.resulting
            segments.append(segment)
            run = []
        }
        for check in checks {
            if let last = run.last, last.header.area != check.area { try seal() }
            counter += 1
            run.append(
                try Edit(
                    header: EditHeader(
                        dot: Dot(replica: key.replica, counter: counter), record: check.record,
                        area: check.area, sections: check.sections.keys.sorted(), seen: [],
                        author: user, deviceTime: 1_782_000_000_000 + Int64(counter) * 60_000,
                        formVersion: Form.form(of: check.record.kind)!.version),
                    body: EditBody(sections: check.sections, salt: nil)))
        }
        try seal()
        return segments
    }

    static func bytes(_ count: Int, _ random: inout SplitMix64) -> Data {
        Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }
}

extension Writer.Check {
    /// A housing check or a drinking-water check.
    init(_ kind: RecordKind, of household: Household, in round: RoundID, _ random: inout SplitMix64)
    {
        var answers = Answers()
        let form: Form
        if kind == .housing {
            form = Housing.form
            answers[Housing.dwellingSource] = .own
            answers[Housing.occupied] = true
            answers[Housing.grade] = [.a, .b].randomElement(using: &random)!
            answers[Housing.gradeDate] = CalendarDate(
                daysSinceEpoch: Int32.random(in: 20_500...20_600, using: &random))
            answers[Housing.structure] = Structure.allCases.randomElement(using: &random)!
            answers[Housing.floors] = Int64.random(in: 1...3, using: &random)
            answers[Housing.buildYear] = Int64.random(in: 1960...2020, using: &random)
        } else {
            form = Water.form
            answers[Water.supplyMode] = SupplyMode.allCases.randomElement(using: &random)!
            answers[Water.litresPerPersonDay] = ScaledDecimal(
                unscaled: Int64.random(in: 20...80, using: &random), scale: 0)!
            answers[Water.qualityBasis] = [.standard, .relaxed].randomElement(using: &random)!
            answers[Water.toHome] = true
            answers[Water.shortDaysYear] = Int64.random(in: 0...20, using: &random)
        }
        record = RecordKey(kind: kind, subject: household.subject, round: round)
        area = household.area
        sections = form.sections(answers)
        var row: [BareSQLite.Value] = [
            .bytes(household.subject.bytes), .integer(Int64(kind.rawValue)),
        ]
        for (_, section) in sections.sorted(by: { $0.key < $1.key }) {
            row += section.sorted { $0.key < $1.key }.map { Self.column($0.value) }
        }
        self.row = row
    }

    /// An entry of the register that the server has.
    struct Household {
        let subject: SubjectID
        let area: AreaID
    }

    private static func column(_ value: FieldValue) -> BareSQLite.Value {
        switch value {
        case .null: .integer(0)
        case .text(let text): .text(text)
        case .integer(let integer): .integer(integer)
        case .decimal(let decimal): .integer(decimal.unscaled)
        case .boolean(let boolean): .integer(boolean ? 1 : 0)
        case .date(let date): .integer(Int64(date.daysSinceEpoch))
        case .code(let code): .text(code)
        case .codes(let codes): .text(codes.joined(separator: " "))
        case .identifier(let bytes): .bytes(bytes)
        }
    }
}

extension AreaTree {
    /// The areas with these codes.
    func find(all codes: [String]) -> [Area] { codes.flatMap { find($0) } }
}
