import Foundation
import Glibc
import SurveyModel

/// Holds a data folder while it is served; the kernel releases it when the process ends.
final class ServeLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``Failure`` when another process serves the folder.
    init(_ folder: URL) throws(Failure) {
        let path = folder.appending(path: "serve.lock").path
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.storage, "errno \(errno)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(.alreadyServing)
        }
    }

    deinit { close(descriptor) }
}
