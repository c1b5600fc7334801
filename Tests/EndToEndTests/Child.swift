import Foundation
import Glibc
import Synchronization

/// A child process, waited for with `waitpid`.
///
/// Foundation's `Process` waits on a run loop, which crashes now and then when many tests of one
/// process wait on threads of their own, or when so many files are open as tests at once need.
final class Child: Sendable {
    let processIdentifier: pid_t
    /// nil while it runs.
    private let status = Mutex<Int32?>(nil)

    /// Starts a program with three open files.
    init(
        _ program: String, _ arguments: [String], environment: [String: String],
        input: FileHandle, output: FileHandle, errors: FileHandle
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in [input, output, errors].enumerated() {
            // No other child is to keep it open.
            _ = fcntl(file.fileDescriptor, F_SETFD, FD_CLOEXEC)
            posix_spawn_file_actions_adddup2(&actions, file.fileDescriptor, Int32(number))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Nothing is blocked or ignored, whatever the thread that starts it has set.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let argv = ([program] + arguments).map { strdup($0) } + [nil]
        let environment = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + environment { free(text) } }
        var started = pid_t()
        let failure = posix_spawn(&started, program, &actions, &attributes, argv, environment)
        guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EINVAL) }
        processIdentifier = started
    }

    var isRunning: Bool { ended(WNOHANG) == nil }

    /// How it ended: its exit status, or the number of the signal.
    @discardableResult
    func wait() -> Int32 { ended(0)! }

    func send(_ signal: Int32) { if isRunning { kill(processIdentifier, signal) } }

    private func ended(_ options: Int32) -> Int32? {
        status.withLock { known in
            if let known { return known }
            var raw: Int32 = 0
            var result: pid_t
            repeat {
                result = waitpid(processIdentifier, &raw, options)
            } while result < 0 && errno == EINTR
            guard result == processIdentifier else { return nil }
            let signal = raw & 0x7F
            known = signal == 0 ? (raw >> 8) & 0xFF : signal
            return known
        }
    }
}
