import SurveyLog
import SurveyModel
import SurveySync
import TestSupport
import Testing

@Suite struct AdmissionTests {
    private static let (a, b) = (AreaID(rawValue: 1), AreaID(rawValue: 2))

    private func account(revoked: Bool = false) -> Account {
        Account(user: .surveyor, name: "王", role: .surveyor, areas: [Self.a], isRevoked: revoked)
    }

    private func reason(
        kind: RecordKind = .housing, area: AreaID = a, author: UserID = .surveyor,
        revoked: Bool = false,
        deviceRevoked: Bool = false, writable: Set<AreaID> = [a], misplaced: Bool = false,
        targets: [AreaID] = []
    ) throws -> HoldReason? {
        var log = TestLog(1)
        let edit = try log.write(
            .test(kind), [SectionTag(rawValue: 1): [:]], area: area, author: author)
        return admission(
            of: edit, in: area, account: account(revoked: revoked), isDeviceRevoked: deviceRevoked,
            writable: writable,
            isMisplaced: misplaced, targets: targets)
    }

    @Test func `an edit in its writer's area counts at once`() throws {
        #expect(try reason() == nil)
    }

    @Test func `outside the writer's areas it is held`() throws {
        #expect(try reason(area: Self.b) == .outsideArea)
        #expect(try reason(writable: []) == .outsideArea)
    }

    @Test func `naming an own area for somebody else's household does not help`() throws {
        #expect(try reason(misplaced: true) == .outsideArea)
        #expect(try reason(writable: [Self.a, Self.b], misplaced: true) == .outsideArea)
    }

    @Test func `a move needs both areas`() throws {
        #expect(try reason(kind: .household, targets: [Self.b]) == .outsideArea)
        #expect(
            try reason(kind: .household, writable: [Self.a, Self.b], targets: [Self.b]) == nil)
    }

    @Test func `the register is the server's to write`() throws {
        #expect(try reason(area: .reserved, writable: [.reserved]) == .reservedArea)
        for kind in [RecordKind.area, .round, .user, .device, .decision, RecordKind(rawValue: 999)]
        {
            #expect(try reason(kind: kind) == .reservedArea)
        }
        for kind in [
            RecordKind.household, .person, .housing, .water, .medical, RecordKind(rawValue: 9),
        ] {
            #expect(try reason(kind: kind) == nil)
        }
    }

    @Test func `a revoked user, a revoked device and a false name are told apart`() throws {
        #expect(try reason(revoked: true) == .revokedUser)
        #expect(try reason(deviceRevoked: true) == .revokedDevice)
        #expect(try reason(author: UserID(rawValue: 12)) == .wrongAuthor)
        #expect(try reason(author: .server) == .wrongAuthor)
    }

    @Test func `who may read what`() {
        func area(_ id: UInt64, _ level: AreaLevel, in parent: UInt64?) -> Area {
            Area(
                id: AreaID(rawValue: id), code: "\(id)", name: "", level: level,
                parent: parent.map(AreaID.init),
                managingUnit: nil)
        }
        let tree = AreaTree([
            area(1, .county, in: nil), area(2, .township, in: 1), area(3, .village, in: 2),
            area(4, .village, in: 2),
            area(5, .village, in: nil),
        ])
        func readable(_ role: Role, _ areas: Set<UInt64>, revoked: Bool = false) -> Set<UInt64> {
            let account = Account(
                user: .surveyor, name: "", role: role, areas: Set(areas.map(AreaID.init)),
                isRevoked: revoked)
            return Set(account.readable(in: tree).map(\.rawValue))
        }
        #expect(readable(.surveyor, [3]) == [3])
        #expect(readable(.supervisor, [1]) == [3, 4])
        #expect(readable(.supervisor, [1, 5]) == [3, 4, 5])
        #expect(readable(.administrator, []) == [3, 4, 5])
        #expect(readable(.surveyor, []) == [])
        #expect(readable(.surveyor, [99]) == [])
        for role in Role.allCases { #expect(readable(role, [1], revoked: true) == []) }
    }
}
