package io.cosocket.it.websocket;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Java program of these tests in a process of its own, which ends with its standard input. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;
    private final int port;

    private ServerProcess(Process process) throws IOException {
        this.process = process;
        this.lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.port = Integer.parseInt(lines.readLine());
    }

    static ServerProcess start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "--add-exports"));
        command.addAll(List.of("java.base/sun.nio.ch=ALL-UNNAMED", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ServerProcess(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
    }

    /** Tells the number and answers each line with the live heap, until the input ends. */
    static void serve(int number) throws IOException {
        System.out.println(number);
        while (System.in.read() >= 0) {
            System.gc();
            System.gc();
            System.out.println(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
    }

    /** Gives the number that the program told at its start: a server's port. */
    int port() {
        return port;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Collects garbage and gives the bytes in use. */
    long liveBytes() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return Long.parseLong(lines.readLine());
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.destroy();
        process.onExit().join();
    }
}
