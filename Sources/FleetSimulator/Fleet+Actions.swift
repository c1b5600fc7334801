import FieldStore
import TestSupport

extension Fleet {
    /// Does one thing. What is refused for a good reason (nothing to resolve, a full disk) is fine.
    func perform(_ action: Action) throws {
        var random = SplitMix64(action.seed)
        switch action.kind {
        case .answer, .answerOtherVersion, .answerBeside, .openForm, .saveForm, .resolve,
            .moveHousehold, .movePerson, .joinHouseholds, .splitHouseholds, .findProblem, .rectify,
            .openVillage:
            try survey(action.kind, &random)
        case .ask, .serve, .receive, .loseRequest, .loseResponse, .repeatRequest,
            .repeatResponse, .serveTogether, .cutRequest, .cutResponse, .flipRequest, .flipResponse,
            .reorder:
            try message(action.kind, &random)
        case .restartDevice, .restartServer, .backUpDevice, .restoreDevice, .cloneDevice,
            .backUpServer, .restoreServer, .wrongClock:
            try machine(action.kind, &random)
        case .crashSaving, .crashAsking, .crashReceiving, .crashServing, .crashAdministering:
            try crash(action.kind, &random)
        case .assign, .unassign, .revokeDevice, .revokeUser, .review, .importRoster,
            .enrolDevice:
            try administer(action.kind, &random)
        case .attack: try attack(&random)
        case .spy: try spy()
        }
    }

    func anyDevice(_ random: inout SplitMix64) -> Int {
        Int.random(in: 0..<devices.count, using: &random)
    }
}
