import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// Homes of which the disk has lost whole pages: what can still be read goes to the server.
@Suite struct RecoverScenarios {
    private static let page = 4_096

    /// Overwrites pages of a copied home with what no page can be.
    private func overwrite(_ pages: Set<Int>, of home: URL) throws {
        let handle = try FileHandle(forUpdating: FieldStore.file(in: home))
        for page in pages {
            try handle.seek(toOffset: UInt64(page * Self.page))
            try handle.write(contentsOf: Data(repeating: 0xA5, count: Self.page))
        }
        try handle.close()
    }

    /// The pages on which a text stands.
    private func pages(with text: String, of home: URL) throws -> Set<Int> {
        let bytes = try Data(contentsOf: FieldStore.file(in: home))
        var pages: Set<Int> = []
        var start = bytes.startIndex
        while let found = bytes.range(of: Data(text.utf8), in: start..<bytes.endIndex) {
            pages.insert(found.lowerBound / Self.page)
            start = found.upperBound
        }
        return pages
    }

    private func rootPage(of table: String, _ home: URL) throws -> Int {
        let queue = try DatabaseQueue(path: FieldStore.file(in: home).path)
        defer { try? queue.close() }
        return try queue.read { db in
            try #require(
                try Int.fetchOne(
                    db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?",
                    arguments: [table])) - 1
        }
    }

    private func day() async throws -> (World, Device) {
        let world = try World(households: 60)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        for number in 1...4 { try wang.check("housing", "520402109201-\(number)", .graded("A")) }
        try await wang.sync()
        for number in 5...7 { try wang.check("housing", "520402109201-\(number)", .graded("A")) }
        return (world, wang)
    }

    @Test func `lost pages of others' edits and of indexes cost no own edit`() async throws {
        let (world, wang) = try await day()
        let old = world.folder.appending(path: "old")
        try wang.copyHome(to: old)
        var lost = try pages(with: "户主30", of: old)
        for index in ["segment_log", "edit"] {
            lost.insert(try rootPage(of: index, old))
        }
        try overwrite(lost, of: old)
        let new = try await world.another(device: "new", of: "wang")
        let found = try new.store.recover(from: old)
        #expect(found.edits == 7 && found.new == 7 && found.damaged == 0, "\(found)")
        #expect(found.others > 0)
        #expect(try new.store.verify().others == 7)
        let summary = try await new.sync()
        #expect(try new.store.verify().others == 0)
        #expect(summary.sent == 7, "what another log's key signed is sent as well")
        #expect(try world.coverage().count(.housing).safe == 7)
        #expect(try world.server.check(in: world.folder).isSound)
        // Once more takes nothing twice.
        #expect(try new.store.recover(from: old).new == 0)
    }

    @Test func `what says where edits lie is not needed`() async throws {
        let (world, wang) = try await day()
        let old = world.folder.appending(path: "old")
        try wang.copyHome(to: old)
        try overwrite(
            [try rootPage(of: "edit", old), try rootPage(of: "log", old)], of: old)
        let new = try await world.another(device: "new", of: "wang")
        let found = try new.store.recover(from: old)
        #expect(found.edits == 7 && found.damaged == 0, "\(found)")
    }

    @Test func `own edits on a lost page are counted, and those behind it are taken`()
        async throws
    {
        let world = try World(households: 60)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        var answers = [String: String].graded("C")
        answers["note"] = String(repeating: "很长的备注", count: 60)
        for number in 1...20 {
            try wang.check("housing", "520402109201-\(number)", answers)
            // Every few are sent: each segment knows its place.
            if number.isMultiple(of: 5) { try await wang.sync() }
        }
        let old = world.folder.appending(path: "old")
        try wang.copyHome(to: old)
        let queue = try DatabaseQueue(path: FieldStore.file(in: old).path)
        let root = try await queue.read { db in
            try Int.fetchAll(db, sql: "SELECT rootpage FROM sqlite_master")
        }
        try queue.close()
        // The first leaf that has such a note, and no root.
        let noted = try pages(with: "很长的备注", of: old).subtracting(root.map { $0 - 1 })
        try overwrite([try #require(noted.min())], of: old)
        let new = try await world.another(device: "new", of: "wang")
        let found = try new.store.recover(from: old)
        #expect(found.damaged > 0 && found.edits > 0, "\(found)")
        #expect(found.edits + found.damaged == 20, "\(found)")
        #expect(found.acknowledged == found.damaged, "the server has all of them")
        try await new.sync()
        #expect(try world.coverage().count(.housing).unsafe == 20)
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `a home whose schema is lost is read by that of a new one`() async throws {
        let (world, wang) = try await day()
        let whole = world.folder.appending(path: "whole")
        try wang.copyHome(to: whole)
        // Each page that speaks of how a table is made, the first of the file among them.
        let schema = try pages(with: "CREATE TABLE", of: whole).union([0]).sorted()
        #expect(schema.count > 2)
        let new = try await world.another(device: "new", of: "wang")
        for lost in schema.map({ [$0] }) + [schema] {
            let old = world.folder.appending(path: "old-\(lost)")
            try FileManager.default.copyItem(at: whole, to: old)
            try overwrite(Set(lost), of: old)
            let found = try new.store.recover(from: old)
            #expect(found.edits == 7 && found.damaged == 0, "page \(lost): \(found)")
        }
        #expect(try await new.sync().sent == 7)
        #expect(try world.coverage().count(.housing).safe == 7)
    }

    @Test func `without its key nothing is taken, and that is said`() async throws {
        let (world, wang) = try await day()
        let old = world.folder.appending(path: "old")
        try wang.copyHome(to: old)
        try overwrite([try rootPage(of: "home", old)], of: old)
        let new = try await world.another(device: "new", of: "wang")
        #expect(throws: Failure(.unrecoverable)) { try new.store.recover(from: old) }
        try overwrite([0], of: old)
        #expect(throws: Failure(.unrecoverable)) { try new.store.recover(from: old) }
        try Data("no database".utf8).write(to: FieldStore.file(in: old))
        #expect(throws: Failure(.unrecoverable)) { try new.store.recover(from: old) }
        let nowhere = world.folder.appending(path: "nowhere")
        #expect(throws: Failure(.badFolder, nowhere.path)) {
            try new.store.recover(from: nowhere)
        }
    }

    @Test func `a draft comes along, unless it cannot be opened`() async throws {
        let (world, wang) = try await day()
        let record = try wang.check("housing", "520402109201-8", .graded("A")).edit.header.record
        func keep(_ kind: RecordKind, _ answers: String) throws {
            try wang.store.writer.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO draft (kind, subject, round, answers, shown, changed)
                        VALUES (?, ?, ?, ?, '[]', 1)
                        """,
                    arguments: [
                        Int64(kind.rawValue), record.subject.bytes, record.round.column, answers,
                    ])
            }
        }
        try keep(.housing, #"{"answered":[],"answers":{"note":"x"}}"#)
        try keep(.water, "no JSON")
        let new = try await world.another(device: "new", of: "wang")
        let found = try new.store.recover(from: world.folder.appending(path: "wang"))
        #expect(found.drafts == 1 && found.lostDrafts == 1)
        #expect(try new.store.status().drafts == 1)
    }
}
