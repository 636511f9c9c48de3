package io.cosocket;

import io.cosocket.transport.ScriptedTransport;
import io.cosocket.transport.SocketSeam;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Cuts input into pieces in every way that matters, and makes sockets that receive them. */
final class Pieces {
    private Pieces() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Makes a socket that receives these pieces, one with each read, and then the end. */
    static StreamSocket socket(SocketScope scope, List<byte[]> pieces) {
        return SocketSeam.stream(scope, new ScriptedTransport(pieces));
    }

    static StreamSocket socket(SocketScope scope, String... pieces) {
        return socket(scope, Arrays.stream(pieces).map(Pieces::bytes).toList());
    }

    /** Shows every way to cut the input at one or two places, and into equal pieces. */
    static void forEverySplit(byte[] input, Consumer<List<byte[]>> test) {
        for (int size = 1; size <= input.length; size++) {
            test.accept(equal(input, size));
        }
        for (int i = 1; i < input.length; i++) {
            for (int j = i + 1; j < input.length; j++) {
                test.accept(
                        List.of(
                                Arrays.copyOf(input, i),
                                Arrays.copyOfRange(input, i, j),
                                Arrays.copyOfRange(input, j, input.length)));
            }
        }
    }

    static List<byte[]> equal(byte[] input, int size) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < input.length; at += size) {
            pieces.add(Arrays.copyOfRange(input, at, Math.min(input.length, at + size)));
        }
        return pieces;
    }

    static List<byte[]> random(byte[] input, int mostBytes, Random random) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < input.length; ) {
            int end = Math.min(input.length, at + 1 + random.nextInt(mostBytes));
            pieces.add(Arrays.copyOfRange(input, at, end));
            at = end;
        }
        return pieces;
    }

    /** Gives the first place at or after {@code from} where {@code wanted} stands, or −1. */
    static int indexOf(byte[] data, byte[] wanted, int from) {
        for (int at = from; at + wanted.length <= data.length; at++) {
            if (Arrays.equals(data, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    /** Tells how many of the last bytes before {@code end} may begin {@code wanted}. */
    static int pending(byte[] data, int from, int end, byte[] wanted) {
        for (int size = Math.min(wanted.length - 1, end - from); size > 0; size--) {
            if (Arrays.equals(data, end - size, end, wanted, 0, size)) {
                return size;
            }
        }
        return 0;
    }

    static String show(List<byte[]> pieces) {
        return pieces.stream().map(Pieces::text).toList().toString();
    }
}
