package io.cosocket.http;

import org.jspecify.annotations.Nullable;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is read of a ClientHello (RFC 8446 section 4.1.2).
 *
 * @param serverName in lower case, null for none
 * @param alpn by preference
 * @param protocols by the JDK's names
 */
record HelloMessage(@Nullable String serverName, List<String> alpn, List<String> protocols) {
    /** Says that the client's first bytes are no ClientHello. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String words) {
            super(words);
        }
    }

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MAX_RECORD = 16384;
    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;
    private static final int SUPPORTED_VERSIONS = 43;

    /**
     * Reads the ClientHello at the beginning of {@code received}, which stays as it is.
     *
     * @return null when more bytes are needed
     */
    static @Nullable HelloMessage parse(ByteBuffer received) throws Malformed {
        ByteBuffer message = message(received.duplicate());
        if (message == null) {
            return null;
        }
        try {
            return read(message);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new Malformed("the ClientHello is malformed");
        }
    }

    /** Joins the fragments of the first handshake message. */
    private static @Nullable ByteBuffer message(ByteBuffer records) throws Malformed {
        byte[] joined = new byte[records.remaining()];
        int count = 0;
        while (records.hasRemaining()) {
            if (records.get(records.position()) != HANDSHAKE) {
                throw new Malformed("the client does not speak TLS");
            }
            if (records.remaining() < RECORD_HEADER) {
                return null;
            }
            int length = records.getShort(records.position() + 3) & 0xffff;
            if (length == 0 || length > MAX_RECORD) {
                throw new Malformed("the length of the first record is wrong");
            }
            records.position(records.position() + RECORD_HEADER);
            int there = Math.min(length, records.remaining());
            records.get(joined, count, there);
            count += there;
            if (count > 0 && joined[0] != CLIENT_HELLO) {
                throw new Malformed("the first message is no ClientHello");
            }
            if (count >= 4) {
                int size = ByteBuffer.wrap(joined).getInt() & 0xffffff;
                if (count >= 4 + size) {
                    return ByteBuffer.wrap(joined, 4, size).slice();
                }
            }
        }
        return null;
    }

    private static HelloMessage read(ByteBuffer message) {
        int version = message.getShort() & 0xffff;
        skip(message, 32);
        skip(message, message.get() & 0xff);
        skip(message, message.getShort() & 0xffff);
        skip(message, message.get() & 0xff);
        String serverName = null;
        List<String> alpn = List.of();
        List<String> protocols = named(version, new ArrayList<>());
        ByteBuffer extensions =
                message.hasRemaining() ? block(message, message.getShort() & 0xffff) : message;
        while (extensions.hasRemaining()) {
            int type = extensions.getShort() & 0xffff;
            ByteBuffer body = block(extensions, extensions.getShort() & 0xffff);
            switch (type) {
                case SERVER_NAME -> serverName = serverName(body);
                case ALPN -> alpn = alpn(body);
                case SUPPORTED_VERSIONS -> protocols = versions(body);
                default -> {
                    // not asked about
                }
            }
        }
        return new HelloMessage(serverName, List.copyOf(alpn), List.copyOf(protocols));
    }

    private static @Nullable String serverName(ByteBuffer body) {
        ByteBuffer names = block(body, body.getShort() & 0xffff);
        while (names.hasRemaining()) {
            int type = names.get();
            ByteBuffer name = block(names, names.getShort() & 0xffff);
            if (type == 0) {
                return StandardCharsets.US_ASCII.decode(name).toString().toLowerCase(Locale.ROOT);
            }
        }
        return null;
    }

    private static List<String> alpn(ByteBuffer body) {
        List<String> offered = new ArrayList<>();
        ByteBuffer names = block(body, body.getShort() & 0xffff);
        while (names.hasRemaining()) {
            ByteBuffer name = block(names, names.get() & 0xff);
            offered.add(StandardCharsets.ISO_8859_1.decode(name).toString());
        }
        return offered;
    }

    private static List<String> versions(ByteBuffer body) {
        List<String> offered = new ArrayList<>();
        ByteBuffer versions = block(body, body.get() & 0xff);
        while (versions.hasRemaining()) {
            named(versions.getShort() & 0xffff, offered);
        }
        return offered;
    }

    private static List<String> named(int version, List<String> names) {
        switch (version) {
            case 0x0304 -> names.add("TLSv1.3");
            case 0x0303 -> names.add("TLSv1.2");
            case 0x0302 -> names.add("TLSv1.1");
            case 0x0301 -> names.add("TLSv1");
            default -> {
                // GREASE values and drafts
            }
        }
        return names;
    }

    private static void skip(ByteBuffer bytes, int count) {
        bytes.position(bytes.position() + count);
    }

    private static ByteBuffer block(ByteBuffer bytes, int length) {
        ByteBuffer block = bytes.slice(bytes.position(), checked(bytes, length));
        skip(bytes, length);
        return block;
    }

    private static int checked(ByteBuffer bytes, int length) {
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        return length;
    }
}
