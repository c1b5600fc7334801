import Foundation
import Glibc
import SurveyModel

/// Text on its way to a file or to standard output, in large pieces.
struct ExportOutput {
    private static let pieceBytes = 64 * 1_024

    private let descriptor: Int32
    private var piece: [UInt8] = []

    private init(descriptor: Int32) { self.descriptor = descriptor }

    mutating func write(_ text: String) throws(Failure) {
        piece.append(contentsOf: text.utf8)
        if piece.count >= Self.pieceBytes { try flush() }
    }

    private mutating func flush() throws(Failure) {
        var start = 0
        while start < piece.count {
            let written = piece[start...].withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if written >= 0 {
                start += written
            } else if errno != EINTR {
                throw Self.failure
            }
        }
        piece.removeAll(keepingCapacity: true)
    }

    /// Has something written to a file, or without one to standard output.
    ///
    /// The file is made without a name, readable by its owner alone, and takes its place when it is
    /// whole: nobody mistakes half an export for all of it, and nothing is left of one that was
    /// killed.
    static func to<T>(_ path: String?, _ body: (inout ExportOutput) throws -> T) throws -> T {
        guard let path, path != "-" else {
            var output = ExportOutput(descriptor: STDOUT_FILENO)
            let result = try body(&output)
            try output.flush()
            return result
        }
        let part = "\(path).\(UInt32.random(in: .min ... .max)).part"
        let folder = URL(filePath: path).deletingLastPathComponent().path
        var descriptor = open(folder, nameless | O_WRONLY | O_CLOEXEC, 0o600)
        let isNameless = descriptor >= 0
        if !isNameless {
            // Not every file system can do without a name.
            descriptor = open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { throw Failure(.badFolder, folder) }
        do {
            defer { close(descriptor) }
            var output = ExportOutput(descriptor: descriptor)
            let result = try body(&output)
            try output.flush()
            guard fsync(descriptor) == 0,
                !isNameless
                    || linkat(
                        AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, part, AT_SYMLINK_FOLLOW)
                        == 0,
                rename(part, path) == 0
            else { throw failure }
            return result
        } catch {
            unlink(part)
            throw error
        }
    }

    /// `O_TMPFILE` of Linux, which the C library shows to C programs that ask for it.
    private static let nameless = 0o20000000 | O_DIRECTORY

    private static var failure: Failure { Failure(.storage, "errno \(errno)") }
}
