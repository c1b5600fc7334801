import FieldStore
import SurveyModel
import Testing

@testable import FieldClient

/// Enter at a question: a digit has answered already, so whoever presses it behind one has not seen
/// the question that came.
extension FormScreenTests {
    @Test func `Enter behind a digit skips no question unseen`() async throws {
        var (screen, _) = try await screen()
        for key: Key in [.character("1"), .enter, .character("y"), .enter, .character("a")] {
            _ = screen.handle(key)
        }
        #expect(screen.field.key == "site_safe")
        for _ in 0..<3 {
            let refused = screen.handle(.enter)
            #expect(refused == .none && screen.field.key == "site_safe")
        }
        #expect(screen.message?.zh == "场地安全程度：还没有填。请填写；暂不填写请按 >。")
        #expect(screen.page(width: 100, height: 24, in: .zh).text.contains("> 跳过本题"))
        _ = screen.handle(.character(">"))
        #expect(screen.field.key == "foundation")
        // What a Chinese input method types.
        _ = screen.handle(.character("》"))
        #expect(screen.field.key == "superstructure" && screen.filling.open.touched.count == 3)
        // There is nothing to take over.
        let nothing = screen.handle(.character("="))
        #expect(nothing == .none && screen.field.key == "superstructure")
        // At the end it leads to what is saved without.
        while screen.field.key != "note" { _ = screen.handle(.down) }
        _ = screen.handle(.enter)
        #expect(screen.mode == .asking)
        _ = screen.handle(.character(">"))
        #expect(screen.mode == .concluding)
        let page = screen.page(width: 100, height: 24, in: .zh).text
        #expect(page.contains("未填 "))
        for name in ["“房屋概况”全部、场地安全程度、地基基础", "等"] {
            #expect(page.contains(name), "\(name)")
        }
        #expect(!page.contains("备注、"))
    }

    @Test func `the answer of the last round is taken by its own key alone`() async throws {
        let world = try World(households: 1)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        try wang.check("housing", "520402109201-1", .graded("A"))
        try world.openNextRound("autumn")
        try await wang.sync()
        var screen = try resume(wang)
        #expect(screen.field.key == "dwelling_source")
        _ = screen.handle(.character("1"))
        let refused = screen.handle(.enter)
        #expect(refused == .none && screen.field.key == "occupied")
        #expect(screen.message?.zh == "是否居住：是上轮的答案。仍然如此请按 =，暂不填写请按 >。")
        _ = screen.handle(.character("="))
        #expect(screen.filling.open.answers[Housing.occupied] == true)
        #expect(screen.field.key == "grade")
        _ = screen.handle(.character(">"))
        #expect(screen.filling.open.answers[Housing.grade] == nil)
    }
}
