package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A fresh directory that is removed, with all that is in it, at {@link #close()}. Any thread. */
public final class TemporaryDirectory implements AutoCloseable {
    private final Path path;

    private TemporaryDirectory(Path path) {
        this.path = path;
    }

    /** A new one; only its owner may enter. */
    public static TemporaryDirectory create(String prefix) {
        try {
            return new TemporaryDirectory(
                    Files.createTempDirectory(prefix + "-").toRealPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its absolute path. */
    public Path path() {
        return path;
    }

    /** The path of a file in it, which need not exist. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** Writes, or writes anew, a file in it. */
    public Path write(String name, byte[] content) {
        try {
            return Files.write(file(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        remove(path);
    }

    /** Removes a directory with all that is in it, if it is there. */
    static void remove(Path directory) {
        try {
            Files.walkFileTree(directory, new Deletion());
        } catch (NoSuchFileException e) {
            // Already gone.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
