import SurveyModel

/// The names of a roster's files, as problems name them.
struct RosterFiles {
    let households: String
    let persons: String
}

extension RowProblem {
    /// The row's number belonged to a household of another village.
    static func reusedNumber(in file: String, _ line: Int64) -> RowProblem {
        RowProblem(
            file, Int(line), "household_no",
            zh: "此编号在上次名册中是另一村、另一户主的农户：请改用新编号；确是同一户搬迁的，请加 --allow-moves",
            en: "the last roster had this number for another head in another village; use a new "
                + "number, or --allow-moves if that household moved here")
    }

    /// The household was added beside one that has its number.
    static func clash(_ clash: RosterLookup.Clash, in file: String, _ line: Int64) -> RowProblem {
        switch clash {
        case .otherVillage:
            RowProblem(
                file, Int(line), "household_no",
                zh: "其他村已有农户用此编号：已作为新户添加；请核对并更正其中一个编号",
                en: "a household of another village has this number; added as a new one. Please "
                    + "check, and correct one of the numbers")
        case .otherName:
            RowProblem(
                file, Int(line), "household_no",
                zh: "本村已有同编号、不同户主的农户：已作为新户添加；若是同一户，请在设备上用 household same-as 标明",
                en: "a household of this village has this number and another head; added as a new "
                    + "one. If they are the same, say so with \"lianhu household same-as\"")
        }
    }

    static func personClash(in file: String, _ line: Int64) -> RowProblem {
        RowProblem(
            file, Int(line), "person_no",
            zh: "这一户已有同编号、姓名或出生日期不同的成员：已作为新成员添加；请核对并更正其中一个编号",
            en: "another member of the household has this number; added as a new one. Please "
                + "check, and correct one of the numbers")
    }
}
