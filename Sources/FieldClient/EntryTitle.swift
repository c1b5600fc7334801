import FieldStore
import Foundation
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

extension FieldStore {
    /// What stands above a register entry's or a finding's form: whom it is about, by what people
    /// know them.
    func title(of open: OpenForm) throws -> String {
        let about: Data? =
            switch open.record.kind {
            case .finding: open.answers[Finding.about]
            case .household where open.state.included.isEmpty: open.answers[Household.village]
            case .person where open.state.included.isEmpty: open.answers[Person.household]
            default: nil
            }
        let name = try name(of: about.flatMap(SubjectID.init) ?? open.record.subject).brief
        guard open.record.kind == .finding, let category = open.answers[Finding.category] else {
            return name
        }
        return "\(name) · \(category.label[Console.language])"
    }

    /// A form's title, with its round where that is not the one that people are in now.
    func heading(of open: OpenForm, _ title: String) throws -> String {
        guard let form = open.round, try round(nil)?.id != form.id else { return title }
        return "\(title) · \(form.code)"
    }

    /// Whom a saved entry or finding is about.
    func whom(_ saved: SavedEdit) throws -> SubjectName {
        let record = saved.edit.header.record
        let about = record.kind == .finding ? saved.answers[Finding.about] : nil
        return try name(of: about.flatMap(SubjectID.init) ?? record.subject)
    }

    /// What is unusual about a member who was saved: another one is probably the same.
    func twinWarnings(_ saved: SavedEdit) throws -> [Label] {
        try twins(of: saved).map { twin in
            Label(
                zh: "本户已有同名、同出生日期的成员：\(twin.brief)；请核对是否同一人",
                en: "the household has a member of that name and birth date: \(twin.brief); "
                    + "please check")
        }
    }
}
