import Foundation
import Testing

/// What a program says to somebody who mistyped: in their language, with what was probably meant.
@Suite struct WrongUsage {
    @Test(arguments: [
        (["chek"], "USE-01 用法不对：没有 lianhu chek 这个命令。是不是 lianhu check？全部命令见 lianhu --help。"),
        (["household", "lst"], "是不是 lianhu household list？"),
        (["sync", "--wach"], "USE-01 用法不对：没有选项 --wach。是不是 --watch？"),
        (["sync", "--bogus-option"], "没有选项 --bogus-option。"),
        (["history"], "缺少参数 <record>。"),
        (["coverage", "--round"], "选项 --round <round> 缺少值。"),
        (
            ["coverage", "--format", "xml"],
            "--format <format> 的值“xml”无效。可选：'table'、'csv'、'json'、'geojson'。"
        ),
        (["status", "now"], "多余的参数 now。"),
        (["sync", "--watch=yes"], "选项 --watch 不带值，却给了“yes”。"),
    ])
    func `in Chinese`(_ arguments: [String], _ said: String) throws {
        let finished = try Programs.run("lianhu", arguments, environment: ["LIANHU_LANG": "zh"])
        #expect(finished.status == 64)
        #expect(finished.errors.contains(said), "\(finished.errors)")
        #expect(finished.output.isEmpty)
        for word in ["Error", "Usage", "See '", "Did you", "Help:"] {
            #expect(!finished.errors.contains(word), "\(finished.errors)")
        }
    }

    @Test func `in English`() throws {
        let finished = try Programs.run("lianhu", ["chek"], environment: ["LIANHU_LANG": "en"])
        #expect(finished.status == 64)
        #expect(finished.errors.contains("Did you mean lianhu check?"), "\(finished.errors)")
        let option = try Programs.run(
            "lianhu-server", ["serve", "--lisen", "x"], environment: ["LIANHU_LANG": "en"])
        #expect(option.errors.hasPrefix("USE-01 Wrong usage: Unknown option '--lisen'."))
    }

    /// The library's own words, all in one place: a new version may have others.
    @Test(arguments: ["lianhu", "lianhu-server"])
    func `no help mixes the languages`(_ program: String) throws {
        let dump = try Programs.run(program, ["--experimental-dump-help"]).json()
        var paths: [[String]] = []
        func walk(_ command: JSON, _ path: [String]) {
            paths.append(path)
            for child in command["subcommands"].array {
                guard let name = child["commandName"].text, name != "help" else { continue }
                walk(child, path + [name])
            }
        }
        walk(dump["command"], [])
        #expect(paths.count > 10)
        for path in paths {
            let help = try Programs.run(
                program, path + ["--help"], environment: ["LIANHU_LANG": "zh"]
            ).output
            for word in [
                "OVERVIEW", "USAGE", "ARGUMENTS:", "OPTIONS:", "SUBCOMMANDS", "Show ", "See ",
                "default", "values:",
            ] {
                #expect(!help.contains(word), "\(path): \(word)")
            }
            #expect(help.contains("用法："))
        }
    }
}
