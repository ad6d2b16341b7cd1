package dev.antiphon.cli;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.RemoteException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells failures: one line on stderr that says what, why and what to do, and the exit code. */
final class Failures {

    private final Terminal terminal;

    Failures(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The failure of the library behind an exception, or an INTERNAL one around what is not ours. */
    static AntiphonException of(Throwable error) {
        if (error instanceof AntiphonException known) {
            return known;
        }
        boolean wrapped = error instanceof CompletionException || error instanceof ExecutionException;
        if (wrapped && error.getCause() != null) {
            return of(error.getCause());
        }
        return new AntiphonException(ErrorCode.INTERNAL, error.toString(), error);
    }

    /** What errors are counted by: the code, with the responder's own where there is one. */
    static String label(AntiphonException failure) {
        return failure instanceof RemoteException remote
                ? failure.code() + " " + remote.remoteCode()
                : failure.code().name();
    }

    static Map<String, Object> toMap(AntiphonException failure) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "error");
        map.put("code", failure.code());
        if (failure instanceof RemoteException remote) {
            map.put("remoteCode", remote.remoteCode());
            map.put("remoteMessage", remote.remoteMessage());
        }
        map.put("message", failure.getMessage());
        map.put("retryable", failure.retryable());
        map.put("mayHaveExecuted", failure.mayHaveExecuted());
        return map;
    }

    int onBadUsage(ParameterException error, String[] args) {
        String name = error.getCommandLine().getCommandSpec().qualifiedName();
        String problem =
                oneLine(Objects.requireNonNullElse(error.getMessage(), "")).replaceFirst("^Error: ", "");
        terminal.err().println("antiphon: " + problem + suggestion(error) + "; see " + name + " --help");
        return Verdict.INVALID;
    }

    private static String suggestion(ParameterException error) {
        List<String> known =
                error instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        return known.isEmpty() ? "" : "; did you mean " + String.join(" or ", known) + "?";
    }

    int onFailure(Exception error, CommandLine command, ParseResult ofAllCommands) {
        ParseResult parsed = command.getParseResult();
        AntiphonException failure = of(error);
        if (parsed.hasMatchedOption("--json")) {
            terminal.out().println(Json.line(toMap(failure)));
        }
        return tell(failure, "", parsed.hasMatchedOption("--verbose"));
    }

    /** Prints the line, and the causes if they are wanted; returns the exit code. */
    int tell(AntiphonException failure, String context, boolean verbose) {
        Verdict verdict = Verdict.of(failure.code());
        String advice = verdict.advice().replace("SUBJECT", Objects.requireNonNullElse(failure.subject(), "SUBJECT"));
        terminal.err().println("antiphon: " + oneLine(failure.getMessage()) + context + "; " + advice);
        for (Throwable cause = failure.getCause(); verbose && cause != null; cause = cause.getCause()) {
            terminal.err().println("  caused by " + cause);
        }
        return verdict.exitCode();
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
