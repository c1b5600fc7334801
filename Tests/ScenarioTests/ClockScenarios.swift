import FieldStore
import Foundation
import SurveyModel
import TestSupport
import Testing

@testable import FieldClient

/// A device whose clock is wrong: what it knows of the time without it.
@Suite struct ClockScenarios {
    private static let house = "520402109201-1"

    /// The same home under another clock.
    private func device(
        _ device: Device, at day: CalendarDate, released: CalendarDate? = nil
    ) throws -> Device {
        let environment = device.store.environment
        let noon = (Int64(day.daysSinceEpoch) * 24 + 4) * 3_600_000
        let store = try FieldStore(
            device.store.writer,
            environment: SystemEnvironment(
                now: { noon }, random: environment.random, released: released))
        return Device(name: device.name, store: store, world: device.world)
    }

    private func day(_ text: String) -> CalendarDate { CalendarDate(iso: text)! }

    private func graded(_ date: String) -> [String: String] {
        var answers = [String: String].graded("C")
        answers["grade_date"] = date
        return answers
    }

    @Test(arguments: ["2000-01-01", "1980-01-06", "1970-01-01"])
    func `a clock that is behind takes every day up to the last synchronization`(now: String)
        async throws
    {
        let wang = try await World.surveyor()
        let known = wang.store.environment.today
        let behind = try device(wang, at: day(now))
        let setter = try AnswerSetter(store: behind.store)
        let open = try behind.open("housing", Self.house)
        let result = try setter.apply(graded("2026-03-05"), to: open)
        #expect(result.warnings.contains { $0.zh.contains("本机时钟（\(now)）早于上次同步") })
        _ = try behind.store.save(result.form, sections: result.sections)
        // The last synchronization's own day is the latest.
        _ = try setter.apply(graded(known.iso), to: open)
        let late = CalendarDate(daysSinceEpoch: known.daysSinceEpoch + 1).iso
        let refused = try failure { _ = try setter.apply(graded(late), to: open) }
        #expect(refused.problem == .badAnswer && refused.text(.zh).contains("时钟"))
        // Question by question alike, and for members.
        try behind.save(
            try behind.store.openNewPerson(in: Self.house),
            ["name": "王小芳", "birth_date": "2026-03-01"])
        var filling = FormFilling(
            try behind.open("medical", "\(Self.house)/1"), clock: try behind.store.clock())
        try filling.answer(Medical.contract.definition, "是")
        try filling.answer(Medical.contractDate.definition, "2026-03-01")
        #expect(filling.warnings.contains { $0.en.contains("is behind the last sync") })
        let status = try behind.store.status()
        #expect(status.clock.fault == .behind && status.warnings.count == 1)
        #expect(try Today(behind.store, round: nil).status.clock.fault == .behind)
    }

    @Test func `a clock that is ahead takes what it says, with a warning`() async throws {
        let wang = try await World.surveyor()
        let ahead = try device(wang, at: day("2099-01-01"))
        let result = try AnswerSetter(store: ahead.store).apply(
            graded("2098-03-05"), to: try ahead.open("housing", Self.house))
        #expect(result.warnings.contains { $0.en.contains("far ahead of the last sync") })
        _ = try ahead.store.save(result.form, sections: result.sections)
        #expect(try ahead.store.status().clock.fault == .ahead)
        // What somebody saved under that clock tells another device nothing.
        try await ahead.sync()
        let li = try await wang.world.device("li", ["5204"])
        try await li.sync()
        #expect(try li.store.clock().today == li.store.environment.today)
    }

    @Test func `a clock that is right says nothing, and a server's error passes`() async throws {
        let wang = try await World.surveyor()
        #expect(try wang.store.clock().fault == nil && wang.store.status().warnings.isEmpty)
        let result = try AnswerSetter(store: wang.store).apply(
            graded("2026-03-05"), to: try wang.open("housing", Self.house))
        #expect(result.warnings.isEmpty)
        // Weeks without a network are no fault.
        wang.world.clock.advance(by: 60 * 86_400_000)
        #expect(try wang.store.clock().fault == nil)
        // A clock that was days ahead when the server was heard from still is.
        let fast = CalendarDate(daysSinceEpoch: wang.store.environment.today.daysSinceEpoch + 10)
        let ahead = try device(wang, at: fast)
        try await ahead.sync()
        #expect(try ahead.store.clock().fault == .ahead)
        try await wang.sync()
        #expect(try wang.store.clock().fault == nil)
    }

    @Test func `enrolment and the release say how late it is, before any synchronization`()
        async throws
    {
        let wang = try await World().device("wang", ["5204"])
        let today = wang.store.environment.today
        let behind = try device(wang, at: day("2001-01-01"))
        #expect(try behind.store.clock().today == today)
        #expect(try behind.store.clock().fault == .behind)
        let release = CalendarDate(daysSinceEpoch: today.daysSinceEpoch + 30)
        let newer = try device(wang, at: day("2001-01-01"), released: release)
        #expect(try newer.store.clock().today == release)
        #expect(try newer.store.clock().warning?.en.contains("this program's release") == true)
    }
}
