package io.cosocket.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;

import io.cosocket.http.HttpConfig;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What is set: a flag goes before a {@code COSOCKET_*} variable, and that before the file. What is
 * not set has the default of the library.
 */
final class Settings {
    /** Stands for the absence of what a key turns on. */
    static final String NONE = "none";

    private static final String UNLIMITED = "unlimited";

    private final Config given;

    private Settings(Config given) {
        this.given = given;
    }

    /** Reads every source and checks every value; fails with the exit code for the source. */
    static Settings read(
            Map<Setting, String> flags, Map<String, String> environment, @Nullable Path file) {
        Settings weaker;
        Settings all;
        try {
            Config variables = layer(variables(environment), s -> "variable " + s.variable());
            weaker = new Settings(variables.withFallback(fileLayer(file)));
        } catch (ConfigException e) {
            throw CommandFailure.configuration(String.valueOf(e.getMessage()), e);
        }
        try {
            Config layer = layer(flags, s -> "flag " + s.flag());
            all = new Settings(layer.withFallback(weaker.given));
        } catch (ConfigException e) {
            throw CommandFailure.usage(e.getMessage());
        }
        ConfigException wrong = all.wrong();
        if (wrong == null) {
            return all;
        }
        String message = String.valueOf(wrong.getMessage());
        boolean flagsToBlame = !flags.isEmpty() && weaker.wrong() == null;
        throw flagsToBlame
                ? CommandFailure.usage(message)
                : CommandFailure.configuration(message, wrong);
    }

    private @Nullable ConfigException wrong() {
        try {
            http();
            classPath();
            handlers();
            accessLog();
            return null;
        } catch (ConfigException e) {
            return e;
        }
    }

    /** Gives the server's part. */
    HttpConfig http() {
        return HttpSettings.of(this);
    }

    List<Path> classPath() {
        return list(Setting.CLASS_PATH).stream().map(Path::of).toList();
    }

    List<String> handlers() {
        return list(Setting.HANDLERS);
    }

    /** Gives where the access log goes, or null for nowhere. */
    @Nullable String accessLog() {
        return has(Setting.ACCESS_LOG) && !isNone(Setting.ACCESS_LOG)
                ? text(Setting.ACCESS_LOG)
                : null;
    }

    boolean has(Setting setting) {
        return given.hasPath(setting.key());
    }

    boolean isNone(Setting setting) {
        return text(setting).equals(NONE);
    }

    String text(Setting setting) {
        return given.getString(setting.key());
    }

    int number(Setting setting) {
        if (text(setting).equals(UNLIMITED)) {
            return Integer.MAX_VALUE;
        }
        int number = given.getInt(setting.key());
        if (number != given.getDouble(setting.key())) {
            throw refused(setting, "must be a whole number");
        }
        return number;
    }

    /** Gives bytes. */
    long size(Setting setting) {
        return text(setting).equals(UNLIMITED) ? Long.MAX_VALUE : given.getBytes(setting.key());
    }

    Duration time(Setting setting) {
        String text = text(setting).strip();
        // The library would read a bare number as milliseconds.
        if (text.isEmpty() || !Character.isLetter(text.charAt(text.length() - 1))) {
            throw refused(setting, "needs a unit, as in 30s");
        }
        return given.getDuration(setting.key());
    }

    boolean isOn(Setting setting) {
        return given.getBoolean(setting.key());
    }

    /** Gives an empty list for what is not set. */
    List<String> list(Setting setting) {
        return has(setting) ? given.getStringList(setting.key()) : List.of();
    }

    /** Gives a constant, which is written in small letters. */
    <E extends Enum<E>> E word(Setting setting, E absent) {
        if (!has(setting)) {
            return absent;
        }
        List<E> allowed = List.of(absent.getDeclaringClass().getEnumConstants());
        for (E constant : allowed) {
            if (word(constant).equals(text(setting))) {
                return constant;
            }
        }
        String words = allowed.stream().map(Settings::word).collect(Collectors.joining(", "));
        throw refused(setting, "bad word: " + text(setting) + " (allowed: " + words + ")");
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Makes the failure of a value, which says where it was set. */
    ConfigException refused(Setting setting, @Nullable String why) {
        ConfigValue value = given.getValue(setting.key());
        return new ConfigException.BadValue(value.origin(), setting.key(), String.valueOf(why));
    }

    private static Map<Setting, String> variables(Map<String, String> environment) {
        Map<Setting, String> found = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            String value = environment.get(setting.variable());
            if (value != null) {
                found.put(setting, value);
            }
        }
        return found;
    }

    private static Config layer(Map<Setting, String> values, Function<Setting, String> origin) {
        Config layer = ConfigFactory.empty();
        for (Map.Entry<Setting, String> entry : values.entrySet()) {
            Setting setting = entry.getKey();
            ConfigValue value =
                    ConfigValueFactory.fromAnyRef(
                            setting.value(entry.getValue()), origin.apply(setting));
            layer = layer.withValue(setting.key(), value);
        }
        return settleListen(layer);
    }

    private static Config fileLayer(@Nullable Path file) {
        if (file == null) {
            return ConfigFactory.empty();
        }
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new ConfigException.Generic(file + ": no such file");
        }
        Config config =
                ConfigFactory.parseFile(
                                file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
                        .resolve();
        // A misspelt key would otherwise leave its default in force without a word.
        List<String> known = Setting.keys();
        config.entrySet().stream()
                .filter(entry -> !known.contains(entry.getKey()))
                .findFirst()
                .ifPresent(
                        entry -> {
                            throw new ConfigException.Generic(
                                    entry.getValue().origin().description()
                                            + ": unknown key "
                                            + entry.getKey());
                        });
        return settleListen(config);
    }

    /** A host or port replaces the list of a weaker source, and excludes one beside it. */
    private static Config settleListen(Config layer) {
        String listen = Setting.LISTEN.key();
        if (!layer.hasPath(Setting.HOST.key()) && !layer.hasPath(Setting.PORT.key())) {
            return layer;
        }
        if (layer.hasPath(listen) && !layer.getList(listen).isEmpty()) {
            throw new ConfigException.Generic(
                    layer.getValue(listen).origin().description()
                            + ": set either listen, or host and port");
        }
        return layer.withValue(listen, ConfigValueFactory.fromIterable(List.of()));
    }
}
