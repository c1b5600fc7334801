import Foundation

/// The pages of a SQLite file on which its schema stands.
///
/// Without them no table of a home is found, though every row of it may be whole. All homes of one
/// version are made by the same statements in the same order, so their tables begin on the same pages:
/// the schema of a new home does for a damaged one.
///
/// Source: SQLite's file format, sections 1.3 (the header) and 1.6 (b-tree pages).
struct SchemaPages {
    private let pageSize: Int
    /// By their numbers, the first being 1.
    private let pages: [Int: Data]

    private static let headerLength = 100
    private static let magic = Data("SQLite format 3\0".utf8)

    /// Reads them from a file that is whole.
    ///
    /// - Returns: nil when it is none.
    init?(of file: URL) throws {
        let bytes = try Data(contentsOf: file)
        guard let size = Self.pageSize(bytes), bytes.count >= size else { return nil }
        var pages: [Int: Data] = [:]
        var next = [1]
        while let number = next.popLast() {
            let start = (number - 1) * size
            guard number > 0, pages[number] == nil, start + size <= bytes.count else { return nil }
            let page = Data(bytes[start..<start + size])
            pages[number] = page
            next += Self.children(of: page, at: number == 1 ? Self.headerLength : 0)
        }
        (pageSize, self.pages) = (size, pages)
    }

    private static func pageSize(_ bytes: Data) -> Int? {
        guard bytes.count >= headerLength, bytes.prefix(magic.count) == magic else { return nil }
        let size = number(bytes, at: 16, length: 2)
        return size == 1 ? 65_536 : size
    }

    /// The pages below an inner page of a table; none below a leaf.
    private static func children(of page: Data, at start: Int) -> [Int] {
        guard page[start] == 0x05 else { return [] }
        let cells = number(page, at: start + 3, length: 2)
        let last = number(page, at: start + 8, length: 4)
        let pointers = (0..<cells).map { start + 12 + $0 * 2 }.filter { $0 + 2 <= page.count }
        let left = pointers.map { number(page, at: $0, length: 2) }
            .filter { $0 + 4 <= page.count }.map { number(page, at: $0, length: 4) }
        return left + [last]
    }

    private static func number(_ bytes: Data, at offset: Int, length: Int) -> Int {
        bytes[(bytes.startIndex + offset)...].prefix(length).reduce(0) { $0 << 8 | Int($1) }
    }

    /// Puts them in the place of a damaged file's own. Its header stays, where it is one.
    func replace(in file: URL) throws {
        let handle = try FileHandle(forUpdating: file)
        defer { try? handle.close() }
        let length = Int(try handle.seekToEnd())
        try handle.seek(toOffset: 0)
        let header = try handle.read(upToCount: Self.headerLength) ?? Data()
        for (number, page) in pages where number * pageSize <= length {
            var page = page
            if number == 1 {
                if Self.pageSize(header) == pageSize {
                    page.replaceSubrange(0..<Self.headerLength, with: header)
                } else {
                    let count = UInt32(clamping: length / pageSize).bigEndian
                    page.replaceSubrange(28..<32, with: withUnsafeBytes(of: count) { Data($0) })
                }
            }
            try handle.seek(toOffset: UInt64((number - 1) * pageSize))
            try handle.write(contentsOf: page)
        }
    }
}
