package io.cosocket;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The names and addresses of a hosts file, read again once it has changed. A file that cannot be
 * read knows no names. (dnsjava's reader looks for changes every five minutes, distinguishes the
 * case of letters and gives one address of a name.) Threads: any.
 */
final class HostsFile {
    private static final Logger LOG = LoggerFactory.getLogger(HostsFile.class);

    private record Content(FileTime modified, long size, Map<String, List<InetAddress>> names) {}

    private static final Content NOTHING = new Content(FileTime.fromMillis(0), -1, Map.of());

    private final Path path;
    private volatile Content content = NOTHING;

    HostsFile(Path path) {
        this.path = path;
    }

    /** Gives the addresses of a name, in the order of the file; none when it is not there. */
    List<InetAddress> addresses(String name) {
        return current().names.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    private Content current() {
        Content known = content;
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            if (now.size() != known.size || !now.lastModifiedTime().equals(known.modified)) {
                known = new Content(now.lastModifiedTime(), now.size(), read());
                content = known;
            }
            return known;
        } catch (IOException e) {
            LOG.debug("{} is not read", path, e);
            return NOTHING;
        }
    }

    private Map<String, List<InetAddress>> read() throws IOException {
        Map<String, List<InetAddress>> names = new HashMap<>();
        // every byte is a character there, so a comment in any encoding does no harm
        for (String line : Files.readAllLines(path, StandardCharsets.ISO_8859_1)) {
            String[] words = line.replaceFirst("#.*", "").strip().split("\\s+");
            InetAddress address = Target.literal(words[0]);
            for (int i = 1; address != null && i < words.length; i++) {
                names.computeIfAbsent(words[i].toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                        .add(address);
            }
        }
        return names;
    }
}
