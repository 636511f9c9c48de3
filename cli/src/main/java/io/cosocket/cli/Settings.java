package io.cosocket.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValueFactory;

import io.cosocket.CosocketConfig;
import io.cosocket.PoolOptions;
import io.cosocket.Timeouts;
import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpLimits;
import io.cosocket.http.HttpTimeouts;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The configuration in force: a flag goes before a {@code COSOCKET_*} variable, that before the
 * file, and that before the defaults of {@code defaults.conf}, which also documents each key.
 */
final class Settings {
    private final Config config;

    private Settings(Config config) {
        this.config = config;
    }

    /** Reads every source and checks every value; fails with the exit code for the source. */
    static Settings read(
            Map<Setting, String> flags, Map<String, String> environment, @Nullable Path file) {
        Config reference =
                ConfigFactory.parseResources(
                        Settings.class,
                        "defaults.conf",
                        ConfigParseOptions.defaults().setAllowMissing(false));
        Config flagLayer = layer(flags, "flag --");
        try {
            checkPresent(flagLayer);
            new Settings(flagLayer.withFallback(reference)).http();
        } catch (ConfigException | CommandFailure e) {
            throw CommandFailure.usage(e.getMessage());
        }
        try {
            Config merged =
                    flagLayer
                            .withFallback(layer(variables(environment), "variable "))
                            .withFallback(fileLayer(file, reference))
                            .withFallback(reference)
                            .resolve();
            checkPresent(merged);
            return new Settings(merged);
        } catch (ConfigException e) {
            throw CommandFailure.configuration(e.getMessage(), e);
        }
    }

    /** Gives the server's part. */
    HttpConfig http() {
        try {
            return HttpConfig.defaults()
                    .withHost(config.getString(Setting.HOST.key()))
                    .withPort(number(Setting.PORT))
                    .withShutdownTimeout(time(Setting.SHUTDOWN_TIMEOUT))
                    .withLimits(limits())
                    .withTimeouts(
                            HttpTimeouts.defaults()
                                    .withHeader(time(Setting.HEADER_TIMEOUT))
                                    .withIdle(time(Setting.IDLE_TIMEOUT))
                                    .withSend(time(Setting.RESPONSE_TIMEOUT))
                                    .withDrain(time(Setting.DRAIN_TIMEOUT)))
                    .withWatchAborts(config.getBoolean(Setting.ABORT_WATCH.key()))
                    .withSockets(sockets());
        } catch (IllegalArgumentException | ArithmeticException | ConfigException e) {
            throw CommandFailure.configuration(String.valueOf(e.getMessage()), e);
        }
    }

    /** Gives the sockets' part. */
    CosocketConfig sockets() {
        try {
            Timeouts timeouts =
                    new Timeouts(
                            time(Setting.CONNECT_TIMEOUT),
                            time(Setting.SEND_TIMEOUT),
                            time(Setting.RECEIVE_TIMEOUT));
            PoolOptions pool =
                    PoolOptions.defaults()
                            .withMaxIdle(number(Setting.POOL_CONNECTIONS))
                            .withIdleTimeout(time(Setting.POOL_IDLE_TIMEOUT));
            return CosocketConfig.defaults()
                    .withTimeouts(timeouts)
                    .withPool(pool)
                    .withMaxReceiveBytes(Math.toIntExact(size(Setting.RECEIVE_LIMIT)))
                    .withMaxTimers(number(Setting.TIMERS))
                    .withLogSocketErrors(config.getBoolean(Setting.ERROR_LOG.key()));
        } catch (IllegalArgumentException | ArithmeticException | ConfigException e) {
            throw CommandFailure.configuration(String.valueOf(e.getMessage()), e);
        }
    }

    private HttpLimits limits() {
        return HttpLimits.defaults()
                .withConnections(number(Setting.CONNECTIONS))
                .withHeaderBytes(Math.toIntExact(size(Setting.HEADER_SIZE)))
                .withUriBytes(Math.toIntExact(size(Setting.URI_SIZE)))
                .withBodyBytes(size(Setting.BODY_SIZE))
                .withDrainBytes(Math.toIntExact(size(Setting.DRAIN_SIZE)));
    }

    List<Path> classPath() {
        return config.getStringList(Setting.CLASS_PATH.key()).stream().map(Path::of).toList();
    }

    List<String> handlers() {
        return config.getStringList(Setting.HANDLERS.key());
    }

    private int number(Setting setting) {
        return config.getInt(setting.key());
    }

    private long size(Setting setting) {
        return config.getBytes(setting.key());
    }

    private Duration time(Setting setting) {
        return config.getDuration(setting.key());
    }

    private static Map<Setting, String> variables(Map<String, String> environment) {
        Map<Setting, String> given = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            String value = environment.get(setting.variable());
            if (value != null) {
                given.put(setting, value);
            }
        }
        return given;
    }

    private static Config layer(Map<Setting, String> given, String origin) {
        Config layer = ConfigFactory.empty();
        for (Map.Entry<Setting, String> entry : given.entrySet()) {
            Setting setting = entry.getKey();
            Object value =
                    setting.isList()
                            ? Arrays.asList(entry.getValue().split(File.pathSeparator))
                            : entry.getValue();
            String name = origin.startsWith("flag") ? setting.toString() : setting.variable();
            layer =
                    layer.withValue(
                            setting.key(), ConfigValueFactory.fromAnyRef(value, origin + name));
        }
        return layer;
    }

    private static Config fileLayer(@Nullable Path file, Config reference) {
        if (file == null) {
            return ConfigFactory.empty();
        }
        if (!Files.isReadable(file)) {
            throw new ConfigException.Generic(file + ": no such file");
        }
        Config config =
                ConfigFactory.parseFile(
                        file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
        Set<String> known =
                reference.entrySet().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
        // A misspelt key would otherwise leave its default in force without a word.
        config.resolve().entrySet().stream()
                .filter(entry -> !known.contains(entry.getKey()))
                .findFirst()
                .ifPresent(
                        entry -> {
                            throw new ConfigException.Generic(
                                    entry.getValue().origin().description()
                                            + ": unknown key "
                                            + entry.getKey());
                        });
        return config;
    }

    private static void checkPresent(Config config) {
        for (Setting setting : Setting.values()) {
            if (config.hasPath(setting.key())) {
                setting.check(config);
            }
        }
    }
}
