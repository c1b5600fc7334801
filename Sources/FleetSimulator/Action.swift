internal import TestSupport

/// One thing that happens in a run, with its own randomness: leaving another one out changes
/// nothing about it, so that a failing run can be shortened.
public struct Action: Sendable, Hashable {
    /// What can happen. The weight is how often, relative to the others.
    public enum Kind: String, Sendable, CaseIterable {
        // Surveyors.
        case answer
        case answerOtherVersion
        case answerBeside
        case openForm
        case saveForm
        case resolve
        case moveHousehold
        case movePerson
        case joinHouseholds
        case splitHouseholds
        case findProblem
        case rectify
        case openVillage
        // Messages. One that nobody serves or receives for long is a late one.
        case ask
        case serve
        case receive
        case loseRequest
        case loseResponse
        case repeatRequest
        case repeatResponse
        case serveTogether
        case cutRequest
        case cutResponse
        case flipRequest
        case flipResponse
        case reorder
        // Machines.
        case restartDevice
        case restartServer
        case backUpDevice
        case restoreDevice
        case cloneDevice
        case backUpServer
        case restoreServer
        case wrongClock
        // Disks.
        case crashSaving
        case crashAsking
        case crashReceiving
        case crashServing
        case crashAdministering
        // Administrators.
        case assign
        case unassign
        case revokeDevice
        case revokeUser
        case review
        case importRoster
        case enrolDevice
        // Somebody who means harm.
        case attack
        case spy

        var weight: Int {
            switch self {
            case .answer: 26
            case .ask, .serve, .receive: 24
            case .openForm, .saveForm, .resolve: 7
            case .answerOtherVersion, .answerBeside: 3
            case .moveHousehold, .movePerson: 3
            case .joinHouseholds: 3
            case .splitHouseholds: 2
            case .openVillage: 2
            case .findProblem, .rectify: 3
            case .loseRequest, .loseResponse, .repeatRequest: 4
            case .repeatResponse, .serveTogether: 3
            case .cutRequest, .cutResponse, .flipRequest, .flipResponse, .reorder: 2
            case .restartDevice, .restartServer, .backUpDevice, .backUpServer: 3
            case .restoreDevice, .cloneDevice: 1
            case .restoreServer: 2
            case .wrongClock: 1
            case .crashSaving, .crashAsking, .crashReceiving, .crashServing: 3
            case .crashAdministering: 2
            case .assign, .unassign: 3
            case .revokeDevice, .revokeUser: 1
            case .review: 6
            case .importRoster, .enrolDevice: 1
            case .attack: 5
            case .spy: 1
            }
        }
    }

    public let kind: Kind
    public let seed: UInt64

    public init(kind: Kind, seed: UInt64) {
        self.kind = kind
        self.seed = seed
    }

    /// The actions of a run: everything follows from the seed.
    static func sequence(seed: UInt64, count: Int) -> [Action] {
        var random = SplitMix64(seed)
        let bag = Kind.allCases.flatMap { Array(repeating: $0, count: $0.weight) }
        return (0..<count).map { _ in
            Action(kind: bag.randomElement(using: &random)!, seed: random.next())
        }
    }
}
