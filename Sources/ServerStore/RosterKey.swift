import GRDB
import SurveyModel
import SurveyStore

/// What a roster's row is known by: its number, folded, and as the file writes it.
struct RosterKey: Hashable {
    let folded: String
    /// Earlier versions kept import rows and computed ids by this.
    let raw: String

    init(folded: String, raw: String) {
        self.folded = folded
        self.raw = raw
    }

    init(household: String) {
        self.init(folded: household.folded, raw: household)
    }

    init(person: String, of household: RosterKey) {
        self.init(
            folded: household.folded + "\u{1F}" + person.foldedPlace,
            raw: household.raw + "\u{1F}" + person)
    }

    /// The one key, or both where they differ.
    var all: [String] { folded == raw ? [folded] : [folded, raw] }
}
