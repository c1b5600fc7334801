import Foundation
import Glibc
import SurveyModel

/// One exchange at a time per home; the kernel releases it when the process ends.
///
/// Saving an answer does not take it: that is a transaction of its own and must never wait long.
final class HomeLock: Sendable {
    private let descriptor: Int32

    init(_ home: URL) throws(Failure) {
        descriptor = open(
            home.appending(path: "sync.lock").path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.storage, "errno \(errno)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(.busyHome)
        }
    }

    deinit { close(descriptor) }
}
