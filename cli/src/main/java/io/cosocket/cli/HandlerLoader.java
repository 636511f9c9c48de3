package io.cosocket.cli;

import io.cosocket.http.Application;
import io.cosocket.http.Handler;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Turns the handlers named on the command line into one application. */
final class HandlerLoader {
    /** One {@code [ROUTE=]HANDLER}: a class name, or the path of a source. */
    private record Request(@Nullable String route, String name) {
        static Request parse(String argument) {
            int equals = argument.indexOf('=');
            boolean routed = equals > 0 && "/*".indexOf(argument.charAt(0)) >= 0;
            if (!routed) {
                return new Request(null, argument);
            }
            if (equals == argument.length() - 1) {
                throw CommandFailure.usage(argument + ": no handler behind the route");
            }
            return new Request(argument.substring(0, equals), argument.substring(equals + 1));
        }

        boolean isSource() {
            return name.endsWith(".java");
        }

        Path path() {
            return Path.of(name);
        }
    }

    private static final String ANY_PATH = "/*";

    private final SourceCompiler compiler;
    private final URL[] classPath;

    HandlerLoader(List<Path> classPath) {
        this.compiler = new SourceCompiler(classPath);
        this.classPath = urls(classPath);
    }

    /** Gives folders and jars as a loader takes them. */
    static URL[] urls(List<Path> classPath) {
        return classPath.stream().map(HandlerLoader::url).toArray(URL[]::new);
    }

    /** Compiles and loads all of them; fails with the exit code that tells what is wrong. */
    Application load(List<String> arguments) {
        List<Request> requests = arguments.stream().map(Request::parse).toList();
        List<Path> sources =
                requests.stream().filter(Request::isSource).map(Request::path).toList();
        sources.forEach(HandlerLoader::refuseUnreadable);
        if (sources.isEmpty()) {
            ClassLoader parent = HandlerLoader.class.getClassLoader();
            return combine(
                    requests, null, new URLClassLoader("cosocket-class-path", classPath, parent));
        }
        MemoryClasses compiled = compiler.compileFiles(sources.stream().distinct().toList());
        return combine(requests, compiled, compiled.loader(classPath));
    }

    private static Application combine(
            List<Request> requests, @Nullable MemoryClasses compiled, ClassLoader loader) {
        List<Application> parts = new ArrayList<>();
        for (Request request : requests) {
            Class<?> type =
                    compiled != null && request.isSource()
                            ? declaredIn(request.path(), compiled, loader)
                            : named(request.name(), loader);
            parts.add(part(request, instance(type)));
        }
        return routes -> {
            for (Application part : parts) {
                part.configure(routes);
            }
        };
    }

    private static Application part(Request request, Object instance) {
        if (instance instanceof Handler handler) {
            String route = request.route() == null ? ANY_PATH : request.route();
            return routes -> {
                try {
                    routes.content(route, handler);
                } catch (IllegalArgumentException e) {
                    throw CommandFailure.usage(request.name() + ": " + e.getMessage());
                }
            };
        }
        if (request.route() != null) {
            throw CommandFailure.usage(
                    request.name() + " is an Application and names its routes itself");
        }
        Application application = (Application) instance;
        return routes -> {
            try {
                application.configure(routes);
            } catch (Exception e) {
                throw CommandFailure.handler(request.name() + ": configure failed: ", e);
            }
        };
    }

    private static void refuseUnreadable(Path source) {
        if (!Files.isReadable(source) || Files.isDirectory(source)) {
            boolean looksRouted = source.toString().indexOf('=') > 0;
            throw CommandFailure.handler(
                    source
                            + ": no such file"
                            + (looksRouted ? " (a route begins with / or *)" : ""));
        }
    }

    private static Class<?> named(String name, ClassLoader loader) {
        try {
            Class<?> type = Class.forName(name, true, loader);
            if (!isHandler(type)) {
                throw CommandFailure.handler(name + " is neither a Handler nor an Application");
            }
            return type;
        } catch (ClassNotFoundException e) {
            throw CommandFailure.handler(
                    name + ": no such class on the class path (a source ends in .java)");
        } catch (LinkageError e) {
            throw CommandFailure.handler(name + ": does not load: ", e);
        }
    }

    private static Class<?> declaredIn(Path source, MemoryClasses compiled, ClassLoader loader) {
        List<Class<?>> found = new ArrayList<>();
        for (String name : compiled.namesFrom(source.toUri().normalize())) {
            Class<?> type = load(name, loader);
            if (type.getEnclosingClass() == null && isHandler(type)) {
                found.add(type);
            }
        }
        String fileName = String.valueOf(source.getFileName());
        for (Class<?> type : found) {
            if (fileName.equals(type.getSimpleName() + ".java")) {
                return type;
            }
        }
        return switch (found.size()) {
            case 1 -> found.getFirst();
            case 0 ->
                    throw CommandFailure.handler(
                            source + ": no top-level class is a Handler or an Application");
            default ->
                    throw CommandFailure.handler(
                            source
                                    + ": several handlers ("
                                    + found.stream()
                                            .map(Class::getName)
                                            .collect(Collectors.joining(", "))
                                    + "), and none has the name of the file");
        };
    }

    private static Class<?> load(String name, ClassLoader loader) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError e) {
            throw CommandFailure.handler(name + ": does not load: ", e);
        }
    }

    private static boolean isHandler(Class<?> type) {
        boolean fits =
                Handler.class.isAssignableFrom(type) || Application.class.isAssignableFrom(type);
        return fits && !Modifier.isAbstract(type.getModifiers());
    }

    private static Object instance(Class<?> type) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (NoSuchMethodException e) {
            throw CommandFailure.handler(type.getName() + ": no constructor without arguments");
        } catch (InvocationTargetException e) {
            throw CommandFailure.handler(type.getName() + ": constructor failed: ", e.getCause());
        } catch (ReflectiveOperationException | LinkageError e) {
            throw CommandFailure.handler(type.getName() + ": does not load: ", e);
        }
    }

    private static URL url(Path path) {
        if (!Files.exists(path)) {
            throw CommandFailure.usage("no such class path entry: " + path);
        }
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw CommandFailure.usage("bad class path entry: " + path);
        }
    }
}
