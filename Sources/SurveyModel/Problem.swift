/// Everything that can go wrong for a user, each with a stable code; its message and remedy stand in
/// one table, and its exit status goes by kinds. `{}` stands for a detail that is never an answer. Only where one of several
/// subjects has to be told from the others does it say by what people know them.
public enum Problem: String, Sendable, CaseIterable, Hashable {
    // Usage and input.
    case usage = "USE-01"
    case unknownSubject = "USE-02"
    case ambiguousSubject = "USE-03"
    case unknownArea = "USE-04"
    case unknownRound = "USE-05"
    case noOpenRound = "USE-06"
    case unknownForm = "USE-07"
    case unknownRecord = "USE-08"
    case unknownSection = "USE-09"
    case unknownEdit = "USE-10"
    case notContested = "USE-11"
    case noTerminal = "USE-12"
    case nobodyAsked = "USE-13"
    case wrongSubject = "USE-14"
    case unknownFinding = "USE-15"
    case inputEnded = "USE-16"
    case notUTF8 = "USE-17"
    case unacceptable = "USE-18"
    case badAnswer = "FORM-01"
    case contestedSection = "FORM-02"
    case nothingToSave = "FORM-03"
    case oversizedEdit = "FORM-04"
    case notRectified = "FORM-10"
    case likelyDuplicate = "FORM-12"
    case ownRectification = "FORM-11"
    case takenNumber = "FORM-13"
    case verifiedFinding = "FORM-14"
    case newAnswers = "FORM-15"
    case sameEntry = "FORM-08"
    case otherVillage = "FORM-09"
    case sameVillage = "FORM-16"
    case villageNotHere = "FORM-17"
    case noFinding = "FORM-18"
    case badLine = "FORM-05"
    case repeatedLine = "FORM-06"
    case badLines = "FORM-07"
    case badFile = "CSV-01"
    case missingColumns = "CSV-02"
    case badRows = "CSV-03"
    case repeatedColumn = "CSV-05"
    case nothingImported = "CSV-04"
    case badMapping = "CSV-06"
    case noRowImported = "CSV-07"
    case manyMoves = "CSV-08"
    case unacceptedPlan = "AREA-01"
    case undecidedPlan = "AREA-02"
    case takenCode = "AREA-03"
    case occupiedArea = "AREA-04"
    case notWithdrawn = "AREA-05"
    case withdrawnVillage = "AREA-06"
    case unknownColumn = "EXPORT-01"
    case positionsNotAsked = "EXPORT-02"

    // Home and data folder.
    case noHome = "HOME-01"
    case homeExists = "HOME-02"
    case busyHome = "HOME-03"
    case newerVersion = "HOME-04"
    case damaged = "HOME-05"
    case noDataFolder = "HOME-06"
    case alreadyServing = "HOME-07"
    case storage = "HOME-08"
    case unexpected = "HOME-09"
    case cannotListen = "HOME-10"
    case badCertificate = "HOME-11"
    case badFolder = "HOME-12"
    case fileExists = "HOME-13"
    case unsound = "HOME-14"
    case busyFolder = "HOME-15"
    case interruptedRestore = "HOME-16"
    case unrecoverable = "HOME-17"
    case otherProgram = "HOME-18"
    case noLocks = "HOME-19"
    case openFolder = "HOME-20"

    // Enrolment and access.
    case badCode = "ENROL-01"
    case unknownCode = "ENROL-02"
    case expiredCode = "ENROL-03"
    case usedCode = "ENROL-04"
    case wrongServerKey = "ENROL-05"
    case unknownUser = "USER-01"
    case userExists = "USER-02"
    case unknownDevice = "USER-03"
    case roundExists = "USER-04"
    case revokedUser = "USER-05"
    case notPermitted = "USER-06"
    case badName = "USER-07"
    case badRoundCode = "USER-08"
    case otherRound = "USER-09"

    // The exchange.
    case unreachable = "SYNC-01"
    case untrustedServer = "SYNC-02"
    case otherServer = "SYNC-03"
    case unknownReplica = "SYNC-04"
    case badSignature = "SYNC-05"
    case malformedRequest = "SYNC-06"
    case oversizedRequest = "SYNC-07"
    case unsupportedProtocol = "SYNC-08"
    case badResponse = "SYNC-09"
    case serverFailed = "SYNC-10"
    case refusedSegment = "SYNC-11"
    case restoredHome = "SYNC-12"
    case plainHTTP = "SYNC-13"
    case busyServer = "SYNC-14"

    /// 0 is success. 1 failed; 64 wrong usage; 65 bad input; 69 unreachable; 77 not permitted.
    public var exitStatus: Int32 {
        switch self {
        case .usage, .unknownForm, .noTerminal, .inputEnded, .noHome, .homeExists, .noDataFolder,
            .plainHTTP,
            .badCertificate, .badFolder, .fileExists, .unknownColumn, .positionsNotAsked,
            .otherProgram, .noLocks, .openFolder:
            64
        case .unknownSubject, .ambiguousSubject, .unknownArea, .unknownRound, .unknownRecord,
            .notUTF8, .unknownSection, .unknownEdit, .notContested, .badAnswer, .contestedSection,
            .nothingToSave, .oversizedEdit, .notRectified, .ownRectification, .nobodyAsked,
            .wrongSubject, .unacceptable, .unknownFinding, .takenNumber, .verifiedFinding,
            .newAnswers,
            .likelyDuplicate, .sameEntry, .otherVillage, .sameVillage, .villageNotHere, .noFinding,
            .badLine, .repeatedLine,
            .badLines, .badFile,
            .missingColumns,
            .badRows,
            .nothingImported, .badCode, .unknownUser, .userExists, .unknownDevice,
            .roundExists, .noOpenRound, .badName, .repeatedColumn, .badMapping, .noRowImported,
            .badRoundCode, .otherRound, .manyMoves, .unacceptedPlan, .undecidedPlan, .takenCode,
            .occupiedArea, .notWithdrawn, .withdrawnVillage:
            65
        case .unreachable: 69
        case .unknownCode, .expiredCode, .usedCode, .wrongServerKey, .revokedUser,
            .notPermitted, .untrustedServer, .otherServer, .unknownReplica, .badSignature:
            77
        case .busyHome, .newerVersion, .damaged, .alreadyServing, .storage, .unexpected,
            .cannotListen, .malformedRequest,
            .oversizedRequest, .unsupportedProtocol, .badResponse, .serverFailed,
            .refusedSegment, .restoredHome, .busyServer, .unsound, .busyFolder,
            .interruptedRestore, .unrecoverable:
            1
        }
    }
}

/// A problem with its detail: what the programs print before they exit.
public struct Failure: Error, Sendable, Hashable {
    public let problem: Problem
    public let detail: String
    /// The message of an answer's own problem, in place of the table's.
    public let message: Label?

    public init(_ problem: Problem, _ detail: String = "", message: Label? = nil) {
        self.problem = problem
        self.detail = detail
        self.message = message
    }

    /// - Parameter detail: what differs between the languages.
    public init(_ problem: Problem, _ detail: Label) {
        self.init(
            problem, detail.en,
            message: Label(
                zh: Failure(problem, detail.zh).sentences(.zh),
                en: Failure(problem, detail.en).sentences(.en)))
    }

    /// A section that waits for a person who looks at every answer to it.
    public init(contested section: Section?, of form: Form) {
        func name(_ language: Language) -> String {
            [form.label[language], section?.label[language]].compactMap { $0 }
                .joined(separator: " · ")
        }
        self.init(.contestedSection, Label(zh: name(.zh), en: name(.en)))
    }

    public init(_ problem: AnswerProblem, at place: String = "") {
        let prefix = place.isEmpty ? "" : place + " "
        self.init(
            .badAnswer, place,
            message: Label(zh: prefix + problem.message.zh, en: prefix + problem.message.en))
    }

    /// One sentence of what happened and one of what to do.
    ///
    /// Whatever stood in the place of a number: no resident identity number is repeated.
    public func text(_ language: Language) -> String {
        "\(problem.rawValue) \(message?[language] ?? sentences(language))".withoutResidentNumbers
    }

    private func sentences(_ language: Language) -> String {
        let (what, remedy) = problem.sentences
        // A Chinese full stop brings its own space.
        return fill(what[language]) + (language == .zh ? "" : " ") + fill(remedy[language])
    }

    private func fill(_ text: String) -> String {
        text.split(separator: "{}", omittingEmptySubsequences: false).joined(separator: detail)
    }
}
