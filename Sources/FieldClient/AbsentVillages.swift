import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

extension FieldStore {
    /// Says beside a list that it cannot hold what is not on this device: a list that ends without it
    /// would look as if there were nothing else.
    ///
    /// - Parameter villages: nil for all that this user may read.
    func noteWhatIsNotHere(of villages: [Area]? = nil) throws {
        let absent = try notHere(of: villages)
        guard let first = absent.first else { return }
        let code = first.code.printable
        Console.note(
            absent.count == 1
                ? Label(
                    zh: "\(first.name.printable) 的记录不在本机：lianhu pull \(code)",
                    en: "The records of \(first.name.printable) are not here: lianhu pull \(code)")
                : Label(
                    zh: "另有 \(absent.count) 个村的记录不在本机，例如 lianhu pull \(code)",
                    en: "The records of \(absent.count) villages are not here; for one of them: "
                        + "lianhu pull \(code)"))
    }
}
