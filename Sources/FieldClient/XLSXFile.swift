import CXlsxWriter
import Foundation
import SurveyModel

/// A workbook on the disk, through libxlsxwriter.
enum XLSXFile {
    /// Writes sheets of texts, their headings in bold; a file that is not whole is taken away.
    ///
    /// - Throws: ``Failure`` when there is such a file already, or when it cannot be written.
    static func write(_ sheets: [XLSForm.Sheet], to file: URL) throws(Failure) {
        guard let xlsx = lianhu_xlsx_load() else {
            throw Failure(
                .unexpected, "libxlsxwriter",
                message: Label(
                    zh: "没有 libxlsxwriter。请安装 libxlsxwriter4。",
                    en: "libxlsxwriter is not there. Install libxlsxwriter4."))
        }
        try reserve(file)
        guard let workbook = xlsx.pointee.workbook_new(file.path) else {
            throw Failure(.storage, file.path)
        }
        let bold = xlsx.pointee.workbook_add_format(workbook)
        xlsx.pointee.format_set_bold(bold)
        var isWhole = true
        for sheet in sheets {
            let page = xlsx.pointee.workbook_add_worksheet(workbook, sheet.name)
            for (row, cells) in sheet.rows.enumerated() {
                for (column, text) in cells.enumerated() where !text.isEmpty {
                    // Always as text: a code of digits stays a code.
                    let status = xlsx.pointee.worksheet_write_string(
                        page, UInt32(row), UInt16(column), text, row == 0 ? bold : nil)
                    if status != LXW_NO_ERROR { isWhole = false }
                }
            }
        }
        // Writes the file, and frees the workbook whatever became of it.
        guard xlsx.pointee.workbook_close(workbook) == LXW_NO_ERROR, isWhole else {
            try? FileManager.default.removeItem(at: file)
            throw Failure(.storage, file.path)
        }
    }

    /// Takes the name: people go on working in such files, and none is written over.
    private static func reserve(_ file: URL) throws(Failure) {
        do {
            try Data().write(to: file, options: .withoutOverwriting)
        } catch {
            guard !FileManager.default.fileExists(atPath: file.path) else {
                throw Failure(.fileExists, file.path)
            }
            throw Failure(.badFolder, file.deletingLastPathComponent().path)
        }
    }
}
