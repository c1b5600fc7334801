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
            var command = try root.parseAsRoot(
                globalOptionsLast(Array(CommandLine.arguments.dropFirst())))
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

    /// Lets options that every command takes stand before the command too:
    /// `lianhu --home DIR sync` is `lianhu sync --home DIR`.
    static func globalOptionsLast(_ arguments: [String]) -> [String] {
        var leading: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            if ["--home", "--data", "--lang"].contains(first), rest.count >= 2 {
                leading += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if ["--home=", "--data=", "--lang="].contains(where: first.hasPrefix) {
                leading.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        return rest + leading
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
