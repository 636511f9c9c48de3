package io.cosocket.cli;

import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Sets the parts of an immutable value that the settings have, one after the other; a part that the
 * value refuses becomes a failure that says which key, and where it was set.
 */
final class Fill<T> {
    private final Settings settings;
    private T value;

    Fill(Settings settings, T defaults) {
        this.settings = settings;
        this.value = defaults;
    }

    Fill<T> text(Setting setting, BiFunction<T, String, T> with) {
        return set(setting, settings::text, with);
    }

    Fill<T> number(Setting setting, BiFunction<T, Integer, T> with) {
        return set(setting, settings::number, with);
    }

    Fill<T> bytes(Setting setting, BiFunction<T, Long, T> with) {
        return set(setting, settings::size, with);
    }

    /** As {@link #bytes}, of an int. */
    Fill<T> size(Setting setting, BiFunction<T, Integer, T> with) {
        return set(setting, given -> Math.toIntExact(settings.size(given)), with);
    }

    Fill<T> time(Setting setting, BiFunction<T, Duration, T> with) {
        return set(setting, settings::time, with);
    }

    /** As {@link #time}, where {@code none} is the default. */
    Fill<T> timeOrNone(Setting setting, BiFunction<T, Duration, T> with) {
        return settings.has(setting) && settings.isNone(setting) ? this : time(setting, with);
    }

    Fill<T> isOn(Setting setting, BiFunction<T, Boolean, T> with) {
        return set(setting, settings::isOn, with);
    }

    Fill<T> list(Setting setting, BiFunction<T, List<String>, T> with) {
        return set(setting, settings::list, with);
    }

    T done() {
        return value;
    }

    private <V> Fill<T> set(Setting setting, Function<Setting, V> read, BiFunction<T, V, T> with) {
        if (settings.has(setting)) {
            try {
                value = with.apply(value, read.apply(setting));
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw settings.refused(setting, e.getMessage());
            }
        }
        return this;
    }
}
