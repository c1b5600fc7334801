public import Foundation
internal import Glibc
public import SurveyModel
internal import Synchronization

/// The folder of a home or of a server: its owner's alone, and on a disk where several programs can
/// keep out of each other's way.
public enum DataFolder {
    /// What is in it, but for what somebody put there.
    private static let names = [
        "lianhu.sqlite", "lianhu.sqlite-wal", "lianhu.sqlite-shm", "server-ca.pem", "sync.lock",
        "serve.lock", "folder.lock", "reserve", probe,
    ]
    static let probe = "probe.lock"

    /// Makes the folder when it is not there.
    public static func make(_ folder: URL) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.badFolder, folder.path)
        }
    }

    /// Takes the rights of everybody but the owner, and makes sure that locks hold.
    ///
    /// - Throws: `Failure` when others can read the folder and that cannot be changed, or when the file
    ///   system does not lock.
    public static func prepare(_ folder: URL) throws(Failure) {
        // A link to the folder is as good as the folder; one in it leads elsewhere.
        try close(folder.resolvingSymlinksInPath().path, to: 0o700)
        for name in names { try close(folder.path + "/" + name, to: 0o600) }
        guard locksHold(in: folder) else { throw Failure(.noLocks, folder.path) }
    }

    /// The folder's disk is read-only.
    public static func isReadOnly(_ folder: URL) -> Bool {
        access(folder.path, W_OK) != 0 && errno == EROFS
    }

    /// Takes away what was made of a folder that cannot be used; what somebody put there stays.
    public static func forget(_ folder: URL) {
        unlink(folder.path + "/" + probe)
        rmdir(folder.path)
    }

    private static func close(_ path: String, to mode: mode_t) throws(Failure) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & 0o077 != 0,
            status.st_mode & S_IFMT != S_IFLNK
        else { return }
        // What everybody shares, as /tmp, is nobody's to close.
        let isShared = status.st_mode & S_ISVTX != 0
        if !isShared, chmod(path, mode) == 0 || errno == EROFS { return }
        throw Failure(.openFolder, path)
    }

    /// Whether a lock that is held keeps another one out, as SQLite's and ours have to.
    ///
    /// A disk that cannot be written to cannot tell, and has nothing to lose.
    private static func locksHold(in folder: URL) -> Bool {
        // Closing a file gives up every lock that this process has on it.
        probing.withLock { _ in
            let path = folder.path + "/" + probe
            let first = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            guard first >= 0 else { return true }
            defer { Glibc.close(first) }
            let second = open(path, O_RDWR | O_CLOEXEC)
            guard second >= 0 else { return true }
            defer { Glibc.close(second) }
            return excludes(first, second, by: range) && excludes(first, second, by: whole)
        }
    }

    private static let probing = Mutex(())

    package enum Taken { case taken, heldByAnother, unknown, impossible }

    /// - Parameter take: takes a lock by one of two descriptors of a file.
    package static func excludes(
        _ first: Int32, _ second: Int32, by take: (Int32, _ again: Bool) -> Taken
    ) -> Bool {
        switch take(first, false) {
        case .heldByAnother, .unknown: true
        case .impossible: false
        case .taken: take(second, true) != .taken
        }
    }

    /// As SQLite locks. The second lock belongs to the open file, so that one process can see both.
    private static func range(_ descriptor: Int32, _ again: Bool) -> Taken {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_len = 1
        return result(of: fcntl(descriptor, again ? setOpenFileLock : F_SETLK, &lock))
    }

    /// `F_OFD_SETLK` of Linux, which the C library shows to C programs that ask for it.
    private static let setOpenFileLock: Int32 = 37

    /// As ``FileLock`` locks.
    private static func whole(_ descriptor: Int32, _ again: Bool) -> Taken {
        result(of: flock(descriptor, LOCK_EX | LOCK_NB))
    }

    private static func result(of status: Int32) -> Taken {
        guard status != 0 else { return .taken }
        switch errno {
        case EAGAIN, EACCES: return .heldByAnother
        case EINVAL, EINTR: return .unknown
        default: return .impossible
        }
    }
}
