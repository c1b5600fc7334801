public import Foundation
internal import Glibc
public import SurveyModel

/// A lock between processes, on a file of its own. The kernel releases it when the process ends.
public final class FileLock: Sendable {
    private let descriptor: Int32
    private let busy: Problem

    /// One exchange at a time in a home. Saving an answer does not take it: that is a transaction of
    /// its own and must never wait long.
    public static func exchange(in home: URL) throws(Failure) -> FileLock {
        try FileLock(home.appending(path: "sync.lock"), isShared: false, busy: .busyHome)
    }

    /// One server on a data folder.
    public static func serving(_ folder: URL) throws(Failure) -> FileLock {
        try FileLock(folder.appending(path: "serve.lock"), isShared: false, busy: .alreadyServing)
    }

    /// Held by every process that works in a data folder, so that nobody replaces its database
    /// meanwhile.
    public static func working(in folder: URL) throws(Failure) -> FileLock {
        try FileLock(folder.appending(path: "folder.lock"), isShared: true, busy: .busyFolder)
    }

    /// - Throws: `Failure` of `busy` while another process has it.
    private init(_ file: URL, isShared: Bool, busy: Problem) throws(Failure) {
        self.busy = busy
        var descriptor = open(file.path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        // A read-only disk locks, too.
        if descriptor < 0, errno == EROFS { descriptor = open(file.path, O_RDONLY | O_CLOEXEC) }
        self.descriptor = descriptor
        guard descriptor >= 0 else { throw Failure(.storage, "errno \(errno)") }
        guard flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(busy)
        }
    }

    /// Has it alone from now on.
    ///
    /// - Throws: `Failure` while another process shares it.
    public func makeExclusive() throws(Failure) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw Failure(busy) }
    }

    deinit { close(descriptor) }
}
