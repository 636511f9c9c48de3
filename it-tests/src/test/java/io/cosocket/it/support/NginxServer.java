package io.cosocket.it.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real nginx of its own, on a free port, with a configuration from the test resources. */
public final class NginxServer implements AutoCloseable {
    private static final Pattern MODULES = Pattern.compile("--modules-path=(\\S+)");

    private final Scratch scratch;
    private final Process process;
    private final int port;

    private NginxServer(Scratch scratch, Process process, int port) {
        this.scratch = scratch;
        this.process = process;
        this.port = port;
    }

    /** Fills in {@code @PREFIX@}, {@code @MODULES@}, {@code @PORT@} and the given words. */
    public static NginxServer start(String resource, Map<String, String> words) throws IOException {
        return Scratch.within(scratch -> start(scratch, resource, words));
    }

    private static NginxServer start(Scratch scratch, String resource, Map<String, String> words)
            throws IOException {
        Path folder = scratch.folder();
        int port = FreePort.find();
        String text =
                Files.readString(Path.of("src/test/resources", resource))
                        .replace("@PREFIX@", folder.toString())
                        .replace("@MODULES@", modules())
                        .replace("@PORT@", String.valueOf(port));
        for (Map.Entry<String, String> word : words.entrySet()) {
            text = text.replace(word.getKey(), word.getValue());
        }
        Path file = Files.writeString(folder.resolve("nginx.conf"), text);
        Path log = folder.resolve("start.log");
        Process process =
                new ProcessBuilder("nginx", "-p", folder.toString(), "-c", file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        FreePort.awaitListener(port, process, log);
        return new NginxServer(scratch, process, port);
    }

    private static String modules() throws IOException {
        Process process = new ProcessBuilder("nginx", "-V").redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes());
        Matcher matcher = MODULES.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("nginx names no folder of modules: " + text);
        }
        return matcher.group(1);
    }

    public int port() {
        return port;
    }

    /** Gives the master process, whose children serve. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    @Override
    public void close() throws IOException {
        // The master takes its workers along when it is asked, not when it is killed.
        process.destroy();
        process.onExit().join();
        scratch.close();
    }
}
