package io.cosocket.it.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.Http;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

import javax.tools.ToolProvider;

class ClassPathTest {
    @Test
    void classesOfAFolderAndSourcesServeTheirRoutes(@TempDir Path folder) throws Exception {
        compile(folder, CosocketJar.example("Hello"));

        try (RunningServer server =
                CosocketJar.onThisJava()
                        .serve(
                                "-cp",
                                folder.toString(),
                                "/greeting=Hello",
                                "/body/*=" + CosocketJar.example("Upload"))) {
            assertEquals("hello\n", Http.get(server.uri("/greeting")).body());
            assertEquals(
                    "0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
                    Http.get(server.uri("/body/x")).body());
            assertEquals(404, Http.get(server.uri("/other")).statusCode());
        }
    }

    private static void compile(Path folder, String source) {
        List<String> arguments =
                List.of(
                        "-d",
                        folder.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        source);
        int status =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, arguments.toArray(String[]::new));
        assertEquals(0, status);
    }
}
