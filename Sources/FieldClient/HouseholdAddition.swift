import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

/// Somebody adds a household that they met. Before anything is saved they see those of the register
/// that it may be.
struct HouseholdAddition {
    let store: FieldStore
    /// nil for plain lines.
    let terminal: Terminal?
    let round: Round?
    /// Says on the next page what was saved.
    var announces = false

    enum Ending {
        case saved(SavedEdit)
        /// It is in the register: nothing was saved.
        case known(HouseholdRow)
    }

    /// - Returns: nil when the form was left.
    func run(in village: Area) throws -> Ending? {
        var chosen: HouseholdRow?
        let saved = try FormRunner(store: store, terminal: terminal, announces: announces).run(
            try store.openNewHousehold(in: village, resuming: true), title: village.name
        ) { form in
            let all = try store.likelyDuplicates(of: form, round: round)
            guard !all.isEmpty else { return .save }
            let choice = DuplicateChoice(all)
            switch terminal.map({ choice.ask(about: form, on: $0) }) ?? choice.ask() {
            case .new: return .save
            case .back: return .edit
            case .known(let position):
                chosen = choice.likely[position].household
                return .drop
            }
        }
        guard let known = chosen else { return saved.map { .saved($0) } }
        if let terminal {
            try HouseholdRunner(
                store: store, terminal: terminal, round: round, subject: known.subject
            ).run()
        }
        return .known(known)
    }
}
