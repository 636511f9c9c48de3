package io.cosocket.it.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Load generators in processes of their own: wrk, curl and a small echo client in C. */
final class Loads {
    private static final int CONNECTIONS = 64;
    private static final int LINE_BYTES = 64;
    private static final int UPLOAD_MEGABYTES = 512;
    private static final Path PEERS = Path.of("src/test/resources/peers");
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ([\\d.]+)(m?)s");
    private static final Pattern MESSAGES = Pattern.compile("([\\d.]+) msg/s (\\d+) messages");

    private Loads() {}

    /** Asks for a page over and over on 64 connections. */
    static ServerRounds.Load get(String uri) {
        return seconds -> wrk(seconds, uri);
    }

    /** Posts 1 KiB over and over on 64 connections. */
    static ServerRounds.Load post(String uri) {
        return seconds -> wrk(seconds, uri, "-s", PEERS.resolve("post.lua").toString());
    }

    private static ServerRounds.Done wrk(int seconds, String uri, String... more)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "wrk",
                                "-t1",
                                "-c" + CONNECTIONS,
                                "-d" + seconds + "s",
                                "--timeout",
                                "30s"));
        command.addAll(List.of(more));
        command.add(uri);
        String report = output(command);
        assertTrue(!report.contains("Non-2xx") && !report.contains("Socket errors"), report);
        Matcher requests = REQUESTS.matcher(report);
        assertTrue(requests.find(), report);
        double unit = requests.group(3).isEmpty() ? 1 : 1e-3;
        return new ServerRounds.Done(
                Double.parseDouble(requests.group(1)),
                Double.parseDouble(requests.group(2)) * unit);
    }

    /** Makes the program that has a line of 64 bytes echoed on each of 64 upgraded connections. */
    static Path compileEcho(Path folder) throws IOException, InterruptedException {
        Path program = folder.resolve("rawecho");
        output(
                List.of(
                        "gcc",
                        "-O2",
                        "-w",
                        "-o",
                        program.toString(),
                        PEERS.resolve("rawecho.c").toString()));
        return program;
    }

    static ServerRounds.Load echo(Path program, int port) {
        return seconds -> {
            String report =
                    output(
                            List.of(
                                    program.toString(),
                                    String.valueOf(port),
                                    "/raw",
                                    String.valueOf(CONNECTIONS),
                                    String.valueOf(seconds),
                                    String.valueOf(LINE_BYTES)));
            Matcher messages = MESSAGES.matcher(report);
            assertTrue(messages.find(), report);
            double count = Double.parseDouble(messages.group(2));
            return new ServerRounds.Done(count, count / Double.parseDouble(messages.group(1)));
        };
    }

    /** Makes a file of 512 MiB that takes no room on the disk. */
    static Path sparseFile(Path folder) throws IOException {
        Path path = folder.resolve("upload");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength((long) UPLOAD_MEGABYTES << 20);
        }
        return path;
    }

    /** Uploads a file again and again; an operation is one MiB. */
    static ServerRounds.Load upload(Path file, String uri) {
        return seconds -> {
            double megabytes = 0;
            double took = 0;
            while (took < seconds) {
                String report =
                        output(
                                List.of(
                                        "curl",
                                        "-sS",
                                        "-H",
                                        "Expect:",
                                        "-T",
                                        file.toString(),
                                        "-w",
                                        "%{time_total}",
                                        uri));
                String[] lines = report.split("\n");
                assertEquals(String.valueOf(file.toFile().length()), lines[0], report);
                took += Double.parseDouble(lines[1]);
                megabytes += UPLOAD_MEGABYTES;
            }
            return new ServerRounds.Done(megabytes, took);
        };
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String report = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), report);
        return report;
    }
}
