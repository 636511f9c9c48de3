package io.cosocket.it.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.CosocketJar.Outcome;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ExitCodeTest {
    private static final CosocketJar COSOCKET = CosocketJar.onThisJava();

    private static void assertFailure(int status, String words, Outcome outcome) {
        assertEquals(status, outcome.status(), outcome.err());
        assertTrue(outcome.err().startsWith("cosocket: "), outcome.err());
        assertTrue(outcome.err().contains(words), outcome.err());
        assertEquals("", outcome.out());
    }

    @Test
    void unknownOptionIsWrongUsage() throws Exception {
        Outcome outcome = COSOCKET.call("run", "--bogus");

        assertFailure(2, "--bogus", outcome);
        assertEquals(1, outcome.err().lines().count(), outcome.err());
    }

    @Test
    void handlerWithoutCommandIsWrongUsage() throws Exception {
        assertFailure(2, "no such command: Hello.java", COSOCKET.call("Hello.java"));
    }

    @Test
    void noHandlerIsWrongUsage() throws Exception {
        assertFailure(2, "no handler", COSOCKET.call("run"));
    }

    @Test
    void portOutOfRangeIsWrongUsage() throws Exception {
        assertFailure(2, "70000", COSOCKET.call("run", "-p", "70000", example()));
    }

    @Test
    void twoHandlersOfOneRouteAreWrongUsage() throws Exception {
        Outcome outcome = COSOCKET.call("check", "/a=" + example(), "/a=" + example());

        assertFailure(2, "/a", outcome);
    }

    @Test
    void misspeltKeyIsWrongConfiguration(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.conf"), "port = 0\nprot = 1\n");

        Outcome outcome = COSOCKET.call("check", "--config", file.toString(), example());

        assertFailure(3, "a.conf: 2: unknown key prot", outcome);
    }

    @Test
    void missingFileIsWrongConfiguration() throws Exception {
        assertFailure(3, "none.conf", COSOCKET.call("check", "--config", "none.conf", example()));
    }

    @Test
    void valueOfAVariableIsChecked() throws Exception {
        Outcome outcome =
                COSOCKET.withVariable("COSOCKET_IDLE_TIMEOUT", "30").call("check", example());

        assertFailure(3, "COSOCKET_IDLE_TIMEOUT", outcome);
        assertTrue(outcome.err().contains("needs a unit"), outcome.err());
    }

    @Test
    void sourceThatDoesNotCompileIsShownWithFileAndLine(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("Bad.java"), "class Bad {\n  int x = y;\n}");

        Outcome outcome = COSOCKET.call("run", file.toString());

        assertFailure(4, "Bad.java:2: cannot find symbol", outcome);
    }

    @Test
    void sourceWithoutHandlerDoesNotLoad(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("Other.java"), "class Other {}");

        assertFailure(4, "no top-level class", COSOCKET.call("check", file.toString()));
    }

    @Test
    void folderWithTheNameOfASourceDoesNotLoad(@TempDir Path folder) throws Exception {
        Path source = Files.createDirectory(folder.resolve("Folder.java"));

        assertFailure(4, "Folder.java: no such file", COSOCKET.call("check", source.toString()));
    }

    @Test
    void unknownClassDoesNotLoad() throws Exception {
        assertFailure(4, "no such class", COSOCKET.call("check", "com.example.Nothing"));
    }

    @Test
    void takenPortIsAFailureAtRunTime() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());

            assertFailure(1, "in use", COSOCKET.call("run", "-p", port, example()));
        }
    }

    @Test
    void httpsWithoutCertificateIsWrongConfiguration() throws Exception {
        for (String command : List.of("run", "check")) {
            Outcome outcome = COSOCKET.call(command, "--listen", "https://127.0.0.1:0", example());

            assertFailure(3, "no certificate", outcome);
        }
    }

    @Test
    void folderOfASocketThatIsMissingIsNamed() throws Exception {
        assertFailure(
                1,
                "unix:/nowhere/s",
                COSOCKET.call("run", "--listen", "unix:/nowhere/s", example()));
    }

    @Test
    void routeWithoutHandlerIsWrongUsage() throws Exception {
        assertFailure(2, "no handler behind the route", COSOCKET.call("check", "/a="));
    }

    @Test
    void initializerThatFailsIsShownWithItsCause(@TempDir Path folder) throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("Broken.java"),
                        "class Broken implements io.cosocket.http.Handler {\n"
                                + "  static final int X = Integer.parseInt(\"x\");\n"
                                + "  public void handle(io.cosocket.http.Exchange e) {}\n}");

        assertFailure(4, "NumberFormatException", COSOCKET.call("check", file.toString()));
    }

    @Test
    void verboseShowsTheStack() throws Exception {
        Outcome outcome = COSOCKET.call("eval", "--verbose", "throw new IOException(\"no luck\")");

        assertFailure(1, "at cosocket-sources//EvalStatements.run", outcome);
    }

    @Test
    void checkSaysNothingWhenAllIsWell() throws Exception {
        assertEquals(new Outcome(0, "", ""), COSOCKET.call("check", "/hello=" + example()));
    }

    @Test
    void flagGoesBeforeVariableAndVariableBeforeFile(@TempDir Path folder) throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("a.conf"),
                        "host = 192.0.2.1\nport = 70000\nhandlers = [\"" + example() + "\"]\n");

        try (RunningServer server =
                COSOCKET.withVariable("COSOCKET_HOST", "localhost")
                        .serve("--config", file.toString())) {
            assertTrue(server.port() > 0);
        }
    }

    @Test
    void evalRunsStatementsWithArguments() throws Exception {
        Outcome outcome = COSOCKET.call("eval", "out.println(args + sockets.name())", "a", "b");

        assertEquals(new Outcome(0, "[a, b]eval\n", ""), outcome);
    }

    @Test
    void evalTellsTheLineThatDoesNotCompile() throws Exception {
        assertFailure(4, "eval:2: ", COSOCKET.call("eval", "int a = 1;\nint b = c;"));
    }

    @Test
    void evalFailsWithItsStatements() throws Exception {
        assertFailure(1, "no luck", COSOCKET.call("eval", "throw new IOException(\"no luck\")"));
    }

    @Test
    void evalFailsWithAnError() throws Exception {
        assertEquals(1, COSOCKET.call("eval", "assert true; throw new Error()").status());
    }

    @Test
    void versionAndCompletionAreThere() throws Exception {
        assertTrue(COSOCKET.call("--version").out().startsWith("cosocket "));
        assertTrue(COSOCKET.call("generate-completion").out().contains("complete -F"));
    }

    private static String example() {
        return CosocketJar.example("Hello");
    }
}
