public import Foundation
internal import Glibc
public import SurveyModel

/// Held by every process that works in a data folder, so that nobody replaces its database
/// meanwhile. The kernel releases it when the process ends.
public final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Takes part in a folder's work.
    ///
    /// - Throws: ``Failure`` while its database is being replaced.
    public init(_ folder: URL) throws(Failure) {
        descriptor = open(
            folder.appending(path: "folder.lock").path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.storage, "errno \(errno)") }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(.busyFolder)
        }
    }

    /// Has the folder alone from now on.
    ///
    /// - Throws: ``Failure`` while another process works in it.
    public func makeExclusive() throws(Failure) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw Failure(.busyFolder) }
    }

    deinit { close(descriptor) }
}
