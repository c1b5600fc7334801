internal import TestSupport

/// One thing that happens in a run, with its own randomness: leaving another one out changes
/// nothing about it, so that a failing run can be shortened.
public struct Action: Sendable, Hashable {
    /// What can happen. The weight is how often, relative to the others.
    public enum Kind: String, Sendable, CaseIterable {
        // Surveyors.
        case answer
        case openForm
        case saveForm
        case resolve
        // Messages.
        case ask
        case serve
        case receive
        case loseRequest
        case loseResponse
        case repeatRequest
        case cutRequest
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
        case fullDiskDevice
        case fullDiskServer
        case wrongClock
        // Administrators.
        case assign
        case unassign
        case revokeDevice
        case review
        case importRoster

        var weight: Int {
            switch self {
            case .answer: 30
            case .ask, .serve, .receive: 24
            case .openForm, .saveForm, .resolve: 8
            case .loseRequest, .loseResponse, .repeatRequest: 4
            case .cutRequest, .flipRequest, .flipResponse, .reorder: 2
            case .restartDevice, .restartServer, .backUpDevice, .backUpServer: 3
            case .restoreDevice, .cloneDevice, .restoreServer: 1
            case .fullDiskDevice, .fullDiskServer, .wrongClock: 1
            case .assign, .unassign: 3
            case .revokeDevice: 1
            case .review: 2
            case .importRoster: 1
            }
        }
    }

    public let kind: Kind
    public let seed: UInt64

    /// The actions of a run: everything follows from the seed.
    static func sequence(seed: UInt64, count: Int) -> [Action] {
        var random = SplitMix64(seed)
        let bag = Kind.allCases.flatMap { Array(repeating: $0, count: $0.weight) }
        return (0..<count).map { _ in
            Action(kind: bag.randomElement(using: &random)!, seed: random.next())
        }
    }
}
