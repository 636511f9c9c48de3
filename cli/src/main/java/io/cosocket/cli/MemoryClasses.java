package io.cosocket.cli;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;

/** Keeps what the compiler writes in memory, and which source each class came from. */
final class MemoryClasses extends ForwardingJavaFileManager<JavaFileManager> {
    private record Compiled(URI source, ByteArrayOutputStream bytes) {}

    private final Map<String, Compiled> classes = new LinkedHashMap<>();

    MemoryClasses(JavaFileManager standard) {
        super(standard);
    }

    /** Gives the binary names of the classes that a source declares, nested ones included. */
    List<String> namesFrom(URI source) {
        return classes.entrySet().stream()
                .filter(entry -> entry.getValue().source().equals(source))
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Gives one loader of these classes and of a class path, where an older build of a source may
     * be: so the new one counts, and classes of one package see one another.
     */
    ClassLoader loader(URL[] classPath) {
        ClassLoader parent = MemoryClasses.class.getClassLoader();
        return new URLClassLoader("cosocket-sources", classPath, parent) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                Compiled compiled = classes.get(name);
                if (compiled == null) {
                    return super.findClass(name);
                }
                byte[] bytes = compiled.bytes().toByteArray();
                return defineClass(name, bytes, 0, bytes.length);
            }
        };
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
            Location location,
            String className,
            JavaFileObject.Kind kind,
            @Nullable FileObject sibling) {
        Compiled compiled =
                new Compiled(
                        Objects.requireNonNull(sibling, "source").toUri(),
                        new ByteArrayOutputStream());
        classes.put(className, compiled);
        return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
            @Override
            public OutputStream openOutputStream() {
                return compiled.bytes();
            }
        };
    }
}
