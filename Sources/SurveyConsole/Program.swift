public import ArgumentParser
internal import Foundation
internal import Glibc
internal import SurveyModel
internal import SurveyStore

/// Runs a command line: every failure becomes one line on standard error and an exit status.
public enum Program {
    public static func run(_ root: any ParsableCommand.Type) async -> Never {
        // Whatever is created holds personal data: readable by its owner alone.
        umask(0o077)
        // A reader that closes its end (`| head`) is no reason for a crash report.
        signal(SIGPIPE, SIG_DFL)
        do {
            var command = try root.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            fflush(nil)
            exit(0)
        } catch {
            fflush(nil)
            finish(error, root)
        }
    }

    private static func finish(_ error: any Error, _ root: any ParsableCommand.Type) -> Never {
        if let failure = error as? Failure ?? Failure(storage: error) {
            Console.note(failure.text(Console.language))
            exit(failure.problem.exitStatus)
        }
        if error is CancellationError { exit(1) }
        let code = root.exitCode(for: error)
        // Help, version and wrong usage: the argument parser knows how to say them.
        if code == .success || code == .validationFailure || error is ExitCode {
            root.exit(withError: error)
        }
        Console.note(Failure(.unexpected, "\(type(of: error))").text(Console.language))
        exit(1)
    }
}
