internal import Crypto
internal import Foundation
internal import GRDB
internal import SurveyLog
public import SurveyModel
internal import SurveyStore

/// Users, rounds and codes. Each call is one transaction.
extension ServerStore {
    // MARK: Rounds

    /// Opens a round and pins its register, form and standard versions.
    ///
    /// - Parameter besideOthers: also when another one is open. Devices turn to the newest.
    public func openRound(
        code: String, title: String, year: Int64, waterStandard: WaterStandard,
        besideOthers: Bool = false
    ) throws {
        let today = environment.today
        let code = try Self.roundCode(code)
        let title = try Self.name(title, RoundForm.title.definition)
        guard (2000...2200).contains(year) else {
            throw Failure(.badName, RoundForm.year.definition.label)
        }
        try append { [derived] db, draft, _ in
            guard try Rounds.find(code: code, in: db) == nil else {
                throw Failure(.roundExists, code)
            }
            try Self.refuseOthers(unless: besideOthers, db)
            let id: RoundID = try derived.id("round", code) {
                try Rounds.find($0, in: db) != nil
            }
            let versions = Form.all.map { "\($0.key)=\($0.version)" }.joined(separator: " ")
            var identity = Answers()
            identity[RoundForm.code] = code
            identity[RoundForm.title] = title
            identity[RoundForm.year] = year
            identity[RoundForm.waterStandard] = waterStandard
            identity[RoundForm.formVersions] = versions
            identity[RoundForm.registerVersion] = Int64(try Feed.head(in: db).sequence)
            var state = Answers()
            state[RoundForm.state] = .open
            state[RoundForm.changedOn] = today
            try draft.append(
                RecordKey(kind: .round, subject: id.subject), in: .reserved,
                RoundForm.form.sections(identity, state))
        }
    }

    /// - Returns: whether it was open.
    @discardableResult
    public func closeRound(code: String) throws -> Bool {
        try turnRound(code, to: .closed, besideOthers: true)
    }

    /// Takes a close back. The round keeps its age: devices turn to it when no newer one is open.
    ///
    /// - Returns: whether it was closed.
    @discardableResult
    public func reopenRound(code: String, besideOthers: Bool = false) throws -> Bool {
        try turnRound(code, to: .open, besideOthers: besideOthers)
    }

    private func turnRound(_ code: String, to state: RoundState, besideOthers: Bool) throws -> Bool
    {
        let today = environment.today
        return try append { db, draft, _ in
            guard let round = try Rounds.find(code: code, in: db) else {
                throw Failure(.unknownRound, code)
            }
            guard round.isOpen != (state == .open) else { return false }
            try Self.refuseOthers(unless: besideOthers, db)
            var answers = Answers()
            answers[RoundForm.state] = state
            answers[RoundForm.changedOn] = today
            try draft.amend(
                RecordKey(kind: .round, subject: round.id.subject), in: .reserved,
                RoundForm.form.sections(answers))
            return true
        }
    }

    private static func refuseOthers(unless besideOthers: Bool, _ db: Database) throws {
        guard !besideOthers, let other = try Rounds.current(in: db) else { return }
        throw Failure(.otherRound, other.code)
    }

    private static let codeMarks: Set<Unicode.Scalar> = Set("0123456789-_".unicodeScalars)

    /// What can stand in a command line, a file's name and a table: letters, digits, `-` and `_`.
    private static func roundCode(_ text: String) throws(Failure) -> String {
        guard case .text(let code)? = try? RoundForm.code.definition.parse(text),
            (1...32).contains(code.count), code.first != "-",
            code.unicodeScalars.allSatisfy({ scalar in
                codeMarks.contains(scalar) || scalar.properties.isAlphabetic
            })
        else { throw Failure(.badRoundCode, text) }
        return code
    }

    /// A name without white space at its ends; never empty.
    private static func name(_ text: String, _ field: FieldDefinition) throws(Failure) -> String {
        guard case .text(let name)? = try? field.parse(text) else {
            throw Failure(.badName, field.label)
        }
        return name
    }

    // MARK: Users

    public func addUser(_ name: String, role: Role, areas: [Area]) throws {
        let name = try Self.name(name, UserForm.name.definition)
        try append { [derived] db, draft, _ in
            guard try Accounts.all(in: db).allSatisfy({ $0.name.folded != name.folded }) else {
                throw Failure(.userExists)
            }
            let id: UserID = try derived.id("user", name) { try Accounts.find($0, in: db) != nil }
            var identity = Answers()
            identity[UserForm.name] = name
            identity[UserForm.role] = role
            var scope = Answers()
            scope[UserForm.areas] = TextSet(Set(areas.map(\.id.text)))
            try draft.append(
                RecordKey(kind: .user, subject: id.subject), in: .reserved,
                UserForm.form.sections(identity, scope))
        }
    }

    /// Adds or takes away areas. Edits that were held for being outside are judged again.
    ///
    /// - Returns: whether anything changed.
    @discardableResult
    public func assign(_ name: String, adding: [Area], removing: [Area]) throws -> Bool {
        try append { db, draft, settlement in
            let user = try Self.user(name, in: db)
            let areas = user.areas.union(adding.map(\.id)).subtracting(removing.map(\.id))
            guard areas != user.areas else { return false }
            try Self.assign(user, areas, db, &draft, &settlement)
            return true
        }
    }

    /// Writes the areas that a user has from now on.
    static func assign(
        _ user: RegisteredUser, _ areas: Set<AreaID>, _ db: Database,
        _ draft: inout ServerLog.Draft, _ settlement: inout Settlement
    ) throws {
        var scope = Answers()
        scope[UserForm.areas] = TextSet(Set(areas.map(\.text)))
        let taken = user.areas.subtracting(areas)
        if !taken.isEmpty {
            scope[UserForm.unassigned] = TextSet(Set(taken.map(\.text)))
            scope[UserForm.unassignedAt] = try ends(of: user, in: db)
        }
        try draft.amend(
            RecordKey(kind: .user, subject: user.id.subject), in: .reserved,
            UserForm.form.sections(scope))
        settlement.reassigned.insert(user.id)
    }

    /// Revokes a user at once: no more reading, and what still arrives is held.
    @discardableResult
    public func revokeUser(_ name: String) throws -> Bool {
        try append { db, draft, _ in
            let user = try Self.user(name, in: db)
            guard !user.isRevoked else { return false }
            var state = Answers()
            state[UserForm.revoked] = true
            state[UserForm.revokedAt] = try Self.ends(of: user, in: db)
            try draft.amend(
                RecordKey(kind: .user, subject: user.id.subject), in: .reserved,
                UserForm.form.sections(state))
            return true
        }
    }

    /// Revokes one device by its id or a prefix of it.
    @discardableResult
    public func revokeDevice(_ text: String) throws -> Bool {
        try append { db, draft, _ in
            let devices = try Accounts.devices(in: db).filter { device in
                !text.isEmpty && Base32.encode(device.replica.bytes).hasPrefix(text.lowercased())
            }
            guard Set(devices.map(\.root)).count == 1, let device = devices.first else {
                throw Failure(devices.isEmpty ? .unknownDevice : .ambiguousSubject, text)
            }
            // All logs that the device has had.
            let family = try Accounts.family(of: device, in: db)
            let standing = family.filter { !$0.isRevoked }
            let ends = try Self.ends(of: family, in: db)
            for log in standing {
                var state = Answers()
                state[DeviceForm.revoked] = true
                state[DeviceForm.revokedAt] = ends
                try draft.amend(
                    .device(log.publicKey), in: .reserved, DeviceForm.form.sections(state))
            }
            return !standing.isEmpty
        }
    }

    /// Ends of all logs of a user as they are held now: what lies at or below them was in time.
    private static func ends(of user: RegisteredUser, in db: Database) throws -> TextSet {
        try ends(of: Accounts.devices(in: db).filter { $0.user == user.id }, in: db)
    }

    /// As many as one edit holds, of every log its longest first: what is not named was not in time,
    /// and a revocation never fails for it.
    private static func ends(of devices: [RegisteredDevice], in db: Database) throws -> TextSet {
        let ends = try devices.flatMap { device in
            let (tips, leaves) = try SegmentLog.ends(
                of: device.replica, publicKey: device.publicKey, in: db)
            return (tips + leaves).sorted { $0.counter > $1.counter }.enumerated()
        }
        let named = ends.sorted { $0.offset < $1.offset }.prefix(500)
        return TextSet(Set(named.map(\.element.text)))
    }

    static func user(_ name: String, in db: Database) throws -> RegisteredUser {
        let name = name.folded
        guard let user = try Accounts.all(in: db).first(where: { $0.name.folded == name }) else {
            throw Failure(.unknownUser)
        }
        return user
    }

    // MARK: Codes

    /// A code that enrols one device within 24 hours, and when it expires (milliseconds).
    public func issueCode(for name: String) throws -> (code: EnrolmentCode, expires: Int64) {
        let code = EnrolmentCode(
            secret: environment.random(10),
            fingerprint: ServerKeyID.fingerprint(key.publicKey))
        let expires = environment.now() + 24 * 3_600_000
        try writer.write { db in
            let user = try Self.user(name, in: db)
            guard !user.isRevoked else { throw Failure(.revokedUser) }
            try db.run(
                "INSERT INTO enrolment_code (secret_hash, account, expires) VALUES (?, ?, ?)",
                [code.secretHash, user.id.column, expires])
        }
        return (code, expires)
    }
}

extension EnrolmentCode {
    /// What the server keeps of a code.
    var secretHash: Data { Data(SHA256.hash(data: secret)) }
}

extension RecordKey {
    /// The register record of a device: subject = first 16 bytes of SHA-256(public key).
    static func device(_ publicKey: Data) -> RecordKey {
        RecordKey(
            kind: .device, subject: SubjectID(Data(SHA256.hash(data: publicKey).prefix(16)))!)
    }
}

extension Form {
    /// Sorts answers into the sections that their fields belong to.
    package func sections(_ answers: Answers...) -> [SectionTag: SectionAnswers] {
        var sections: [SectionTag: SectionAnswers] = [:]
        for (tag, value) in answers.flatMap(\.values) {
            guard let section = sectionTag(of: tag) else { continue }
            sections[section, default: [:]][tag] = value
        }
        return sections
    }
}
