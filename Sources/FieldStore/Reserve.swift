public import Foundation
internal import Glibc

/// Room on the disk that is kept for sending: a disk that something else filled must not keep from the
/// server what was saved.
public struct Reserve: Sendable {
    private static let bytes: off_t = 512 * 1_024
    private let path: String

    public init(in home: URL) { path = home.appending(path: "reserve").path }

    /// Takes the room, or as little as there is: none.
    public func fill() {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if posix_fallocate(descriptor, 0, Self.bytes) != 0 { ftruncate(descriptor, 0) }
    }

    /// Gives the room back.
    ///
    /// - Returns: whether there was any.
    public func release() -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > 0 else { return false }
        return truncate(path, 0) == 0
    }
}
