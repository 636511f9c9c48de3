package io.cosocket.it.fault;

import java.io.IOException;
import java.util.List;
import java.util.Random;

/** Clients that do wrong in one of many ways; the server owes them little, but nothing false. */
final class FaultyClient {
    enum Fault {
        /** Leaves with a reset somewhere in the head. */
        RESET_IN_HEAD,
        /** Leaves with a reset somewhere in the body. */
        RESET_IN_BODY,
        /** Leaves with a reset some time before the answer, which may be on its way. */
        RESET_BEFORE_ANSWER,
        /** Ends its side after the request and waits for the answer. */
        HALF_CLOSE,
        /** Ends its side before the body is complete. */
        TRUNCATED_BODY,
        /** Ends its side within a chunk. */
        TRUNCATED_CHUNK,
        /** Pauses within the head and goes on. */
        STALL_IN_HEAD,
        /** Pauses within the body and goes on. */
        STALL_IN_BODY,
        /** Pauses before it reads an answer too long for all buffers. */
        STALL_BEFORE_ANSWER,
        /** Leaves amid a long answer. */
        ABANDONED,
        /** Sends what is not HTTP. */
        GARBAGE,
        /** Leaves a raw connection with a reset amid a line. */
        RAW_RESET,
        /** Ends its side of a raw connection amid a line. */
        RAW_HALF_CLOSE,
        /** Stops reading a raw connection on which much is said, and leaves. */
        RAW_ABANDONED
    }

    private static final List<String> MALFORMED =
            List.of(
                    "GET\r\n\r\n",
                    "GET / HTTP/9.9\r\n\r\n",
                    "\u0000\u0001\u0002\r\n\r\n",
                    "GET / HTTP/1.1\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
                    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                    "POST /echo HTTP/1.1\r\n"
                            + "Host: x\r\n"
                            + "Content-Length: 1\r\n"
                            + "Content-Length: 2\r\n\r\n"
                            + "xx",
                    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                    "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(40_000) + "\r\n\r\n",
                    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage instead of frames");

    private final Dialogue dialogue;
    private final Random random;
    private final Pause pause;

    /** Waits, or not when the load is to end. */
    @FunctionalInterface
    interface Pause {
        void upTo(int millis) throws InterruptedException;
    }

    FaultyClient(Dialogue dialogue, Random random, Pause pause) {
        this.dialogue = dialogue;
        this.random = random;
        this.pause = pause;
    }

    void run(Fault fault) throws IOException, InterruptedException {
        int number = random.nextInt(1_000_000_000);
        String get = HonestClient.head("GET", "/hello?" + number, "");
        switch (fault) {
            case RESET_IN_HEAD -> resetWithin(get);
            case RESET_IN_BODY -> resetWithin(post(5000, 5000));
            case RESET_BEFORE_ANSWER -> resetBeforeAnswer(number);
            case HALF_CLOSE -> halfClose(get, number);
            case TRUNCATED_BODY -> truncated(post(5000, random.nextInt(5000)));
            case TRUNCATED_CHUNK ->
                    truncated(
                            HonestClient.head("POST", "/echo", "Transfer-Encoding: chunked\r\n")
                                    + "1000\r\n"
                                    + "x".repeat(random.nextInt(0x1000)));
            case STALL_IN_HEAD -> stall(get, number);
            case STALL_IN_BODY -> stallInBody(number);
            case STALL_BEFORE_ANSWER -> stallBeforeAnswer(number);
            case ABANDONED -> abandoned(number);
            case GARBAGE -> garbage();
            case RAW_RESET -> {
                dialogue.send(HonestClient.upgrade() + "line\nhalf a li");
                pause.upTo(20);
                dialogue.reset();
            }
            case RAW_HALF_CLOSE -> rawHalfClose(number);
            case RAW_ABANDONED -> rawAbandoned();
        }
    }

    private static String post(int length, int sent) {
        return HonestClient.head("POST", "/echo", "Content-Length: " + length + "\r\n")
                + "x".repeat(sent);
    }

    private void resetWithin(String request) throws IOException, InterruptedException {
        dialogue.send(request.substring(0, random.nextInt(request.length())));
        pause.upTo(20);
        dialogue.reset();
    }

    private void resetBeforeAnswer(int number) throws IOException, InterruptedException {
        String target =
                switch (random.nextInt(5)) {
                    case 0 -> "/hello?" + number;
                    case 1 -> "/slow?" + number;
                    case 2 -> "/redis?number=" + number;
                    case 3 -> "/redis?wait=1&number=" + number;
                    default -> "/forks?number=" + number;
                };
        dialogue.send(HonestClient.head("GET", target, ""));
        pause.upTo(600);
        dialogue.reset();
    }

    /** The run may be cancelled for it, but what it says must be true. */
    private void halfClose(String get, int number) throws IOException {
        dialogue.send(get);
        dialogue.halfClose();
        String answer = dialogue.rest();
        String text = "\r\n\r\nhello " + number + "\n";
        if (answer.startsWith("HTTP/1.1 200") && !answer.endsWith(text)) {
            throw new AssertionError("expected " + text + ", got " + answer);
        }
    }

    private void truncated(String request) throws IOException {
        dialogue.send(request);
        dialogue.halfClose();
        String answer = dialogue.rest();
        if (answer.contains("HTTP/1.1 200")) {
            throw new AssertionError("taken for a whole body: " + answer);
        }
    }

    private void stall(String get, int number) throws IOException, InterruptedException {
        int middle = 1 + random.nextInt(get.length() - 1);
        dialogue.send(get.substring(0, middle));
        pause.upTo(400);
        dialogue.send(get.substring(middle));
        new HonestClient(dialogue, random).expect(200, "hello " + number + "\n");
    }

    private void stallInBody(int number) throws IOException, InterruptedException {
        String body = number + "y".repeat(random.nextInt(30_000));
        int middle = random.nextInt(body.length());
        dialogue.send(
                HonestClient.head("POST", "/echo", "Content-Length: " + body.length() + "\r\n")
                        + body.substring(0, middle));
        pause.upTo(400);
        dialogue.send(body.substring(middle));
        new HonestClient(dialogue, random).expect(200, body);
    }

    private void stallBeforeAnswer(int number) throws IOException, InterruptedException {
        int size = 8_000_000;
        dialogue.send(HonestClient.head("GET", "/bytes?number=" + number + "&size=" + size, ""));
        pause.upTo(400);
        HonestClient.checkBytes(number, size, dialogue.answer());
    }

    private void abandoned(int number) throws IOException, InterruptedException {
        dialogue.send(HonestClient.head("GET", "/bytes?number=" + number + "&size=100000000", ""));
        dialogue.exactly(1 + random.nextInt(100_000));
        pause.upTo(100);
        if (random.nextBoolean()) {
            dialogue.reset();
        }
    }

    private void garbage() throws IOException {
        if (random.nextBoolean()) {
            byte[] bytes = new byte[1 + random.nextInt(5000)];
            random.nextBytes(bytes);
            dialogue.send(bytes);
        } else {
            dialogue.send(MALFORMED.get(random.nextInt(MALFORMED.size())));
        }
        dialogue.halfClose();
        String answer = dialogue.rest();
        if (answer.contains("HTTP/1.1 200")) {
            throw new AssertionError("taken for a request: " + answer);
        }
    }

    private void rawHalfClose(int number) throws IOException {
        dialogue.send(HonestClient.upgrade() + number + "\nhalf a li");
        if (dialogue.answer().status() != 101 || !dialogue.line().equals(number + "")) {
            throw new AssertionError("wrong echo of " + number);
        }
        dialogue.halfClose();
        String rest = dialogue.rest();
        if (!rest.isEmpty()) {
            throw new AssertionError("echo of no line: " + rest);
        }
    }

    /** Neither side reads at last, so that the send must have an end of its own. */
    private void rawAbandoned() throws IOException, InterruptedException {
        dialogue.send(HonestClient.upgrade());
        String line = "z".repeat(1000) + "\n";
        dialogue.send(line.repeat(200));
        pause.upTo(50);
        if (random.nextBoolean()) {
            dialogue.reset();
        }
    }
}
