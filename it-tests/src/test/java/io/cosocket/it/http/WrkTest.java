package io.cosocket.it.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.Command;
import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;

/** Many connections as busy as they can be, none of which fails. */
class WrkTest {
    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException {
        server =
                CosocketJar.onThisJava()
                        .serve(
                                "/hello=" + CosocketJar.example("Hello"),
                                "/any=" + CosocketJar.handler("CountAny"));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void everyRequestOf256ConnectionsIsAnswered() throws Exception {
        assertClean(wrk("-c256", server.uri("/hello").toString()));
    }

    @Test
    void everyPostIsAnsweredWithItsOwnLength() throws Exception {
        assertClean(
                wrk(
                        "-c64",
                        "-s",
                        "src/test/resources/peers/checked-post.lua",
                        server.uri("/any").toString()));
    }

    private static String wrk(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 3];
        command[0] = "wrk";
        command[1] = "-t1";
        command[2] = "-d3s";
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        return Command.output(command);
    }

    private static void assertClean(String report) {
        assertTrue(report.contains(" requests in "), report);
        assertFalse(report.contains(" 0 requests in "), report);
        assertFalse(report.contains("Socket errors"), report);
        assertFalse(report.contains("Non-2xx"), report);
        assertFalse(report.contains("wrong answer"), report);
    }
}
