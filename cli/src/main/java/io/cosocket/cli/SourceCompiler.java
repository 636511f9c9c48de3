package io.cosocket.cli;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles Java sources in memory, against this program's own classes and a class path. */
final class SourceCompiler {
    private final String classPath;

    SourceCompiler(List<Path> extraClassPath) {
        String own = System.getProperty("java.class.path");
        this.classPath =
                extraClassPath.isEmpty()
                        ? own
                        : extraClassPath.stream()
                                .map(Path::toString)
                                .collect(
                                        Collectors.joining(
                                                java.io.File.pathSeparator,
                                                "",
                                                java.io.File.pathSeparator + own));
    }

    /** Compiles files together, so that they may use one another. */
    MemoryClasses compileFiles(List<Path> files) {
        return compile(manager -> manager.getJavaFileObjectsFromPaths(files));
    }

    /** Compiles a text; messages call it by the given name. */
    MemoryClasses compileText(String name, URI uri, String text) {
        return compile(manager -> List.of(new TextSource(name, uri, text)));
    }

    private static JavaCompiler compiler() {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw CommandFailure.handler(
                    "sources need a JDK, and "
                            + System.getProperty("java.home")
                            + " has no compiler; name one in COSOCKET_JAVA_HOME");
        }
        return compiler;
    }

    private MemoryClasses compile(
            Function<StandardJavaFileManager, Iterable<? extends JavaFileObject>> sources) {
        JavaCompiler compiler = compiler();
        DiagnosticCollector<JavaFileObject> messages = new DiagnosticCollector<>();
        // The manager tells of text that is not UTF-8, which the task then takes for well read.
        var standard =
                compiler.getStandardFileManager(messages, Locale.ROOT, StandardCharsets.UTF_8);
        try (MemoryClasses classes = new MemoryClasses(standard)) {
            List<String> options =
                    List.of("-classpath", classPath, "-proc:none", "-parameters", "-g", "-nowarn");
            boolean compiled =
                    compiler.getTask(
                                    new StringWriter(),
                                    classes,
                                    messages,
                                    options,
                                    null,
                                    sources.apply(standard))
                            .call();
            if (!compiled || messages.getDiagnostics().stream().anyMatch(SourceCompiler::isError)) {
                throw CommandFailure.handler(describe(messages.getDiagnostics()));
            }
            return classes;
        } catch (IOException e) {
            throw CommandFailure.handler("cannot compile: ", e);
        }
    }

    private static boolean isError(Diagnostic<?> message) {
        return message.getKind() == Diagnostic.Kind.ERROR;
    }

    private static String describe(List<Diagnostic<? extends JavaFileObject>> messages) {
        return messages.stream()
                .filter(SourceCompiler::isError)
                .map(SourceCompiler::describe)
                .collect(Collectors.joining("\n", "does not compile\n", ""));
    }

    private static String describe(Diagnostic<? extends JavaFileObject> message) {
        JavaFileObject source = message.getSource();
        String text = message.getMessage(Locale.ROOT);
        return source == null
                ? text
                : source.getName() + ":" + message.getLineNumber() + ": " + text;
    }

    /** A source that is not a file. */
    private static final class TextSource extends SimpleJavaFileObject {
        private final String name;
        private final String text;

        TextSource(String name, URI uri, String text) {
            super(uri, Kind.SOURCE);
            this.name = name;
            this.text = text;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isNameCompatible(String simpleName, @Nullable Kind kind) {
            return true;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
