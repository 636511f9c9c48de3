package io.cosocket.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import java.util.List;

class JvmOptionsTest {
    @Test
    void optionsEndAtTheJar() {
        List<String> all = List.of("-Xmx64m", "-Da=b c", "-jar", "cosocket.jar", "run", "-jar");

        assertEquals(List.of("-Xmx64m", "-Da=b c"), JvmOptions.fromCommandLine(all, 2));
    }

    @Test
    void optionsEndAtTheMainClass() {
        List<String> all = List.of("-cp", "x", "io.cosocket.launch.Launcher", "run");

        assertEquals(List.of("-cp", "x"), JvmOptions.fromCommandLine(all, 1));
    }

    @Test
    void programArgumentsAreNoOptions() {
        assertNull(JvmOptions.fromCommandLine(List.of("-Xmx1g", "Other", "-jar", "x"), 2));
    }
}
