public import ArgumentParser
internal import Foundation
internal import Glibc
internal import SurveyModel
internal import SurveyStore

/// Runs a command line: every failure becomes one line on standard error and an exit status.
public enum Program {
    /// Runs the command that this process was started with.
    ///
    /// One that waits for nothing runs here and now: the concurrency runtime would start three
    /// threads for it.
    public static func run(_ root: any ParsableCommand.Type) -> Never {
        // Whatever is created holds personal data: readable by its owner alone.
        umask(0o077)
        // A reader that closes its end (`| head`) is no reason for a crash report.
        signal(SIGPIPE, SIG_DFL)
        do {
            try requireUTF8()
            var command = try parse(
                globalOptionsLast(Array(CommandLine.arguments.dropFirst())), by: root)
            if let command = command as? any AsyncParsableCommand {
                // Nothing here uses it any more.
                nonisolated(unsafe) let waiting = command
                Task { await finish(waiting, root) }
                dispatchMain()
            }
            try command.run()
            finish()
        } catch {
            finish(error, root)
        }
    }

    private static func finish(
        _ command: any AsyncParsableCommand, _ root: any ParsableCommand.Type
    ) async -> Never {
        var command = command
        do {
            try await command.run()
            finish()
        } catch {
            finish(error, root)
        }
    }

    private static func finish() -> Never {
        fflush(nil)
        exit(0)
    }

    /// Refuses arguments of another encoding: Swift has put U+FFFD in place of what they said.
    private static func requireUTF8() throws(Failure) {
        for argument in UnsafeBufferPointer(
            start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        {
            guard let argument else { continue }
            guard String(validatingCString: argument) != nil else { throw Failure(.notUTF8) }
        }
    }

    /// Parses by the command that the leading words name, without its reflecting on all the others;
    /// by the root what that one does not take.
    private static func parse(_ arguments: [String], by root: any ParsableCommand.Type) throws
        -> any ParsableCommand
    {
        var named = root
        var rest = arguments[...]
        while let word = rest.first,
            let next = named.configuration.subcommands.first(where: {
                $0.configuration.commandName == word
            })
        {
            named = next
            rest = rest.dropFirst()
        }
        if named.configuration.subcommands.isEmpty,
            let command = try? named.parseAsRoot(Array(rest)), type(of: command) == named
        {
            return command
        }
        return try root.parseAsRoot(arguments)
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
        fflush(nil)
        if let failure = error as? Failure ?? Failure(storage: error) {
            Console.note(failure.text(Console.language))
            exit(failure.problem.exitStatus)
        }
        if error is CancellationError { exit(1) }
        let code = root.exitCode(for: error)
        // Help, version and wrong usage: the argument parser knows how to say them.
        if error is ExitCode { root.exit(withError: error) }
        if code == .success || code == .validationFailure {
            say(root.fullMessage(for: error), code, root)
            exit(code.rawValue)
        }
        Console.note(Failure(.unexpected, "\(type(of: error))").text(Console.language))
        exit(1)
    }

    /// Help and version on standard output, wrong usage on standard error.
    private static func say(_ text: String, _ code: ExitCode, _ root: any ParsableCommand.Type) {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isForPrograms = arguments.contains { argument in
            ["--generate-completion-script", "--experimental-dump-help", "---completion"]
                .contains(where: argument.hasPrefix)
        }
        if isForPrograms {
            print(text)
        } else if code == .success {
            print(ParserText.translated(text, into: Console.language))
        } else {
            Console.note(
                ParserText.unknownCommand(in: globalOptionsLast(arguments), of: tree(root))
                    ?? ParserText.usageError(text, in: Console.language))
        }
    }

    private static func tree(_ command: any ParsableCommand.Type) -> ParserText.Command {
        ParserText.Command(
            name: command.configuration.commandName ?? "",
            subcommands: command.configuration.subcommands.map(tree))
    }
}
