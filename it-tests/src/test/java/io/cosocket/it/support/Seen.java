package io.cosocket.it.support;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** What the handler {@code Observed} of a server has seen so far. */
public record Seen(long received, long cut, long parked, long aborted) {
    /** Asks the server itself, whatever stands in front of it. */
    public static Seen by(RunningServer server) throws IOException, InterruptedException {
        String[] words = Http.get(server.uri("/seen")).body().split(" ");
        Map<String, Long> counts = new HashMap<>();
        for (int i = 0; i < words.length; i += 2) {
            counts.put(words[i], Long.valueOf(words[i + 1]));
        }
        return new Seen(
                counts.getOrDefault("received", 0L),
                counts.getOrDefault("cut", 0L),
                counts.getOrDefault("parked", 0L),
                counts.getOrDefault("aborted", 0L));
    }
}
