import Foundation
import GRDB
import Glibc
import SurveyModel

/// The database file of a data folder, and how another one takes its place: at every moment
/// either the old one is there whole or the new one is, whatever is killed when.
struct DatabaseFile {
    let folder: URL

    var file: URL { folder.appending(path: "lianhu.sqlite") }
    /// A file that is being made. Whoever makes another one deletes it.
    var incoming: URL { folder.appending(path: "lianhu.sqlite.incoming") }
    /// A finished file that is about to take the database's place.
    private var replacing: URL { folder.appending(path: "lianhu.sqlite.replacing") }

    /// - Throws: ``Failure`` when a replacement was interrupted: then the old file may be there
    ///   without its journal, and nobody should work with it.
    func requireWhole() throws(Failure) {
        guard !FileManager.default.fileExists(atPath: replacing.path) else {
            throw Failure(.interruptedRestore)
        }
    }

    /// Puts ``incoming`` in the database's place, and what was there aside, journal included.
    ///
    /// - Returns: where the database that was there is now; nil when there was none.
    func replace(keepingAside name: String) throws -> URL? {
        try Durable.sync(incoming)
        guard rename(incoming.path, replacing.path) == 0 else { throw Self.failure }
        try Durable.sync(folder)
        var aside: URL?
        if FileManager.default.fileExists(atPath: file.path) {
            foldJournal()
            let kept = URL(filePath: file.path + ".before-\(name)")
            // Names are added before any is taken away.
            for suffix in ["", "-wal"] {
                guard FileManager.default.fileExists(atPath: file.path + suffix) else { continue }
                guard link(file.path + suffix, kept.path + suffix) == 0 else { throw Self.failure }
            }
            try Durable.sync(folder)
            aside = kept
        }
        // The journal of the old file must not meet the new one.
        for suffix in ["-wal", "-shm"] { unlink(file.path + suffix) }
        guard rename(replacing.path, file.path) == 0 else { throw Self.failure }
        try Durable.sync(folder)
        return aside
    }

    /// Everything into the one file, when it can be: a damaged or full disk leaves the journal.
    private func foldJournal() {
        guard let queue = try? DatabaseQueue(path: file.path) else { return }
        try? queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        // The last connection to close would delete a journal that it could not fold.
        try? queue.close()
    }

    private static var failure: Failure { Failure(.storage, "errno \(errno)") }
}

/// What is durable only when it is asked for.
enum Durable {
    /// Waits until a file's or a folder's content is on the disk.
    static func sync(_ place: URL) throws(Failure) {
        let descriptor = open(place.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(.storage, "errno \(errno)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(.storage, "errno \(errno)") }
    }
}
