package io.cosocket.websocket;

import io.cosocket.websocket.HeaderList.Extension;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * What both sides agreed on for permessage-deflate (RFC 7692 section 7.1).
 *
 * @param serverTakeover the server keeps its context between messages
 * @param clientTakeover the client keeps its context between messages
 * @param serverBits window of the server's compressor, 8 to 15
 * @param clientBits window of the client's compressor, 8 to 15
 */
record DeflateTerms(
        boolean serverTakeover, boolean clientTakeover, int serverBits, int clientBits) {
    private static final String NAME = "permessage-deflate";
    private static final String SERVER_TAKEOVER = "server_no_context_takeover";
    private static final String CLIENT_TAKEOVER = "client_no_context_takeover";
    private static final String SERVER_BITS = "server_max_window_bits";
    private static final String CLIENT_BITS = "client_max_window_bits";
    static final int FULL_BITS = 15;

    /** Takes the first of the client's offers that is well formed, or none. */
    static @Nullable DeflateTerms accept(List<Extension> offers, DeflateOptions options) {
        for (Extension offer : offers) {
            DeflateTerms terms = offer.name().equals(NAME) ? read(offer, true) : null;
            if (terms != null) {
                // The client's limit on itself is only a hint here: any window can be inflated.
                return new DeflateTerms(
                        terms.serverTakeover && !options.serverNoContextTakeover(),
                        terms.clientTakeover && !options.clientNoContextTakeover(),
                        terms.serverBits,
                        FULL_BITS);
            }
        }
        return null;
    }

    /** Writes the server's answer. */
    String answer() {
        return NAME
                + (serverTakeover ? "" : "; " + SERVER_TAKEOVER)
                + (clientTakeover ? "" : "; " + CLIENT_TAKEOVER)
                + (serverBits == FULL_BITS ? "" : "; " + SERVER_BITS + "=" + serverBits);
    }

    /**
     * Writes the client's offers. The second one tells servers that want it that this client can do
     * without context.
     */
    static String offer(DeflateOptions options) {
        String plain =
                NAME
                        + (options.serverNoContextTakeover() ? "; " + SERVER_TAKEOVER : "")
                        + "; "
                        + CLIENT_BITS;
        String dropping = plain + "; " + CLIENT_TAKEOVER;
        return options.clientNoContextTakeover() ? dropping : plain + ", " + dropping;
    }

    /**
     * Reads the server's answer.
     *
     * @throws IllegalArgumentException when it is not one that the offer allows
     */
    static @Nullable DeflateTerms agree(List<Extension> answer, @Nullable DeflateOptions options) {
        if (answer.isEmpty()) {
            return null;
        }
        Extension only = answer.getFirst();
        if (answer.size() > 1 || options == null || !only.name().equals(NAME)) {
            throw new IllegalArgumentException("extension not offered: " + only.name());
        }
        DeflateTerms terms = read(only, false);
        if (terms == null || options.serverNoContextTakeover() && terms.serverTakeover) {
            throw new IllegalArgumentException("bad answer for " + NAME);
        }
        return new DeflateTerms(
                terms.serverTakeover,
                terms.clientTakeover && !options.clientNoContextTakeover(),
                terms.serverBits,
                terms.clientBits);
    }

    private static @Nullable DeflateTerms read(Extension extension, boolean offer) {
        if (extension.repeats()) {
            return null;
        }
        boolean serverTakeover = true;
        boolean clientTakeover = true;
        int serverBits = FULL_BITS;
        int clientBits = FULL_BITS;
        for (Map.Entry<String, String> parameter : extension.parameters().entrySet()) {
            String value = parameter.getValue();
            boolean good =
                    switch (parameter.getKey()) {
                        case SERVER_TAKEOVER -> {
                            serverTakeover = false;
                            yield value.isEmpty();
                        }
                        case CLIENT_TAKEOVER -> {
                            clientTakeover = false;
                            yield value.isEmpty();
                        }
                        case SERVER_BITS -> (serverBits = bits(value)) > 0;
                        case CLIENT_BITS ->
                                offer && value.isEmpty() || (clientBits = bits(value)) > 0;
                        default -> false;
                    };
            if (!good) {
                return null;
            }
        }
        return new DeflateTerms(serverTakeover, clientTakeover, serverBits, clientBits);
    }

    /** Reads 8 to 15 without leading zeros; anything else is 0. */
    private static int bits(String value) {
        return switch (value) {
            case "8" -> 8;
            case "9" -> 9;
            case "10" -> 10;
            case "11" -> 11;
            case "12" -> 12;
            case "13" -> 13;
            case "14" -> 14;
            case "15" -> 15;
            default -> 0;
        };
    }
}
