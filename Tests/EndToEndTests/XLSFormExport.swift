import Foundation
import Synchronization
import Testing

/// Forms as workbooks, read by the tool that ODK Central and KoboToolbox convert them with.
@Suite struct XLSFormExport {
    private static let forms = [
        "housing", "water", "medical", "schooling", "clinic", "monitored", "household", "person",
        "finding",
    ]

    @Test func `pyxform takes every form, without a warning`() throws {
        let pyxform = try PyXForm.installed()
        let site = try Site()
        let folder = site.home("forms")
        try site.at("nobody", "forms", "export", "--xlsform", folder.path)
        for form in Self.forms {
            let result = folder.appending(path: "\(form).xml")
            let finished = try pyxform.convert(
                folder.appending(path: "\(form).xlsx").path, to: result.path)
            #expect(finished.status == 0, "\(form): \(finished.errors)")
            // It reports what its validator finds as a message, and warnings below a heading.
            let said = finished.output + finished.errors
            #expect(said.contains("Conversion complete!"), "\(form): \(said)")
            #expect(!said.lowercased().contains("warning"), "\(form): \(said)")
            let xform = try String(contentsOf: result, encoding: .utf8)
            #expect(xform.contains("id=\"\(form)\""), "\(form)")
            for language in ["中文 (zh)", "English (en)"] {
                #expect(xform.contains("lang=\"\(language)\""), "\(form)")
            }
        }
    }

    @Test func `a folder takes a file for each form, a file takes one form`() throws {
        let site = try Site()
        let folder = site.home("all").appending(path: "of them")
        let written = try site.at(
            "nobody", "forms", "export", "--xlsform", folder.path, "--json"
        ).json().array
        #expect(written.map { $0["form"].text } == Self.forms)
        for entry in written {
            #expect(entry.keys == ["form", "version", "file"])
            let bytes = try Data(contentsOf: URL(filePath: try #require(entry["file"].text)))
            #expect(bytes.starts(with: Data("PK".utf8)))
        }
        let one = site.home("one.xlsx")
        let said = try site.at("nobody", "forms", "export", "--xlsform", one.path, "clinic").output
        #expect(said == one.path + "\n")
        #expect(try Data(contentsOf: one).starts(with: Data("PK".utf8)))
        try site.at("nobody", "forms", "export", "--xlsform", folder.path + "2", "water", "person")
        #expect(
            Set(try FileManager.default.contentsOfDirectory(atPath: folder.path + "2"))
                == ["water.xlsx", "person.xlsx"])
        #expect(
            !FileManager.default.fileExists(atPath: site.home("nobody").path), "needs no home")
    }

    @Test func `an export that cannot be done writes nothing over`() throws {
        let site = try Site()
        let mine = try site.write("water.xlsx", "mine")
        for (arguments, code) in [
            (["--xlsform", mine, "water"], "HOME-13"),
            (["--xlsform", site.folder.path], "HOME-13"),
            (["--xlsform", site.home("all.xlsx").path], "USE-01"),
            (["--xlsform", site.home("all.xlsx").path, "roofs"], "USE-07"),
            (["--xlsform", site.home("all.xlsx").path, "area"], "USE-07"),
            (["--xlsform", site.home("none/all.xlsx").path, "water"], "HOME-12"),
            (["--xlsform", mine + "/x"], "HOME-12"),
        ] {
            let finished = try Programs.run("lianhu", ["forms", "export"] + arguments)
            #expect(finished.status == 64, "\(arguments): \(finished.errors)")
            #expect(finished.errors.contains(code), "\(arguments): \(finished.errors)")
            #expect(finished.output.isEmpty)
        }
        #expect(try String(contentsOfFile: mine, encoding: .utf8) == "mine")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: site.folder.path)
                == ["water.xlsx"])
    }

    @Test func `the reference says when something is asked and demanded`() throws {
        let site = try Site()
        let form = try site.at("nobody", "forms", "show", "housing", "--json").json()
        #expect(form.keys == ["form", "tag", "label", "version", "sections", "rules", "standards"])
        let fields = form["sections"].array.flatMap { $0["fields"].array }
        let date = try #require(fields.first { $0["key"].text == "grade_date" })
        #expect(
            date.keys == [
                "key", "tag", "label", "type", "limit", "unit", "range", "usual", "not_in_future",
                "years_ahead",
                "personal", "required", "required_if", "relevant_if", "list", "codes",
            ])
        #expect(date["tag"].int == 12)
        #expect(date["not_in_future"] == .bool(true))
        #expect(date["required"].text == "conditional")
        #expect(date["relevant_if"]["xpath"].text == "not(${dwelling_source} = '6')")
        let area = try #require(fields.first { $0["key"].text == "floor_area_m2" })
        #expect(area["usual"] == .list([.number(15), .number(600)]))
        #expect(area["unit"].text == "m²")
        #expect(form["rules"][0]["rule"].text == "unusual")
        let text = try site.at("nobody", "forms", "show", "monitored").output
        #expect(text.contains("clue_date ≤ identified_date"))
        #expect(text.contains("usually identified_date ≤ clue_date + 15 d"))
        #expect(text.contains("personal"))
    }
}

/// pyxform in a virtual environment of this build folder, installed from the network once.
private struct PyXForm {
    /// Whether its validator, a Java program, can run.
    private let validates: Bool

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build/pyxform-venv").standardizedFileURL
    private static let converter = folder.appending(path: "bin/xls2xform").path
    private static let isInstalling = Mutex(())

    /// Cancels the test where it cannot be installed.
    static func installed() throws -> PyXForm {
        try isInstalling.withLock { _ in
            if !FileManager.default.isExecutableFile(atPath: converter) {
                try install(["python3", "-m", "venv", folder.path])
                try install([
                    folder.appending(path: "bin/pip").path, "install", "--quiet", "--retries", "1",
                    "--timeout", "20", "--disable-pip-version-check", "pyxform==4.5.0",
                ])
            }
        }
        return PyXForm(validates: try run(["java", "-version"]).status == 0)
    }

    private static func install(_ command: [String]) throws {
        let finished = try run(command)
        guard finished.status != 0 else { return }
        let said = finished.output + finished.errors
        try Test.cancel("pyxform cannot be installed: \(said)")
    }

    func convert(_ workbook: String, to xform: String) throws -> Finished {
        let how = validates ? "--odk_validate" : "--skip_validate"
        return try Self.run([Self.converter, workbook, xform, how])
    }

    /// Runs a program of this machine to its end.
    private static func run(_ command: [String]) throws -> Finished {
        let files = FileManager.default.temporaryDirectory
            .appending(path: "lianhu-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        func handle(_ name: String) throws -> FileHandle {
            let file = files.appending(path: name)
            try Data().write(to: file)
            return try FileHandle(forUpdating: file)
        }
        let environment = ProcessInfo.processInfo.environment
        let child = try Child(
            "/usr/bin/env", command, environment: environment, input: .nullDevice,
            output: try handle("out"), errors: try handle("err"))
        return Programs.Running(process: child, files: files).wait()
    }
}
