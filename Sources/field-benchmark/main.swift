import FieldStore
import Foundation
import GRDB
import Glibc
import SurveyModel
import SurveyStore

// How long a surveyor waits in a home that is there: opening a form, and saving an answer beside a
// bare insert of SQLite on the same disk. Called by tools/measure.

guard CommandLine.arguments.count == 3 else {
    FileHandle.standardError.write(Data("Usage: field-benchmark HOME HOUSEHOLD\n".utf8))
    exit(64)
}
let home = URL(filePath: CommandLine.arguments[1], directoryHint: .isDirectory)
let household = CommandLine.arguments[2]

/// Processor time of this process, in milliseconds.
func processorTime() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func milliseconds(_ time: timeval) -> Double {
        Double(time.tv_sec) * 1_000 + Double(time.tv_usec) / 1_000
    }
    return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)
}

func elapsed(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let duration = ContinuousClock.now - start
    return Double(duration.components.attoseconds) / 1e15
        + Double(duration.components.seconds) * 1_000
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func format(_ value: Double) -> String { String(format: "%.2f", value) }

// Opening: the home, and a form of a household in it.
var opening: [Double] = []
for _ in 0..<20 {
    let start = processorTime()
    let store = try FieldStore.open(home)
    _ = try store.openCheck(Housing.form, subject: household, round: nil, resuming: true)
    opening.append(processorTime() - start)
    try store.close()
}
let store = try FieldStore.open(home)
let records = try store.writer.read { db in
    try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM record") ?? 0
}
let households = try store.households(in: nil, round: nil)
print(
    "opening a form with \(households.count) households and \(records) records: "
        + "\(format(median(opening))) ms of processor time")

// Finding: by initials among all of them, the index made before.
let villages = try store.readableVillages()
_ = try store.search("w", in: villages, round: try store.round(nil))
var finding: [Double] = []
for _ in 0..<20 {
    finding.append(
        try elapsed { _ = try store.search("wx", in: villages, round: try store.round(nil)) })
}
print("finding a household by initials: \(format(median(finding))) ms")

// Saving: turn by turn with a bare insert of as many bytes, both durable.
let bare = try DatabaseQueue(
    path: home.appending(path: "benchmark.sqlite").path,
    configuration: SurveyDatabase.configuration())
defer {
    for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(
            at: home.appending(path: "benchmark.sqlite\(suffix)"))
    }
}
try bare.write { db in
    try db.execute(sql: "CREATE TABLE answer (id INTEGER PRIMARY KEY, bytes BLOB)")
}
var (saving, inserting): ([Double], [Double]) = ([], [])
for (number, row) in households.prefix(200).enumerated() {
    var form = try store.openCheck(
        Housing.form, subject: row.subject.text, round: nil, resuming: false)
    form.answers[Housing.floors] = Int64(number % 3 + 1)
    let section = Housing.form.section(containing: Housing.floors.definition.tag)!.tag
    let opened = form
    saving.append(try elapsed { _ = try store.save(opened, sections: [section]) })
    inserting.append(
        try elapsed {
            try bare.write { db in
                try db.execute(
                    sql: "INSERT INTO answer (bytes) VALUES (?)", arguments: [Data(count: 300)])
            }
        })
}
print(
    "saving an answer: \(format(median(saving))) ms, a bare durable insert: "
        + "\(format(median(inserting))) ms, ratio \(format(median(saving) / median(inserting)))")
