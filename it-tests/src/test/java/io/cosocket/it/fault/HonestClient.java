package io.cosocket.it.fault;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** Requests that must be answered, and only with what belongs to each of them. */
final class HonestClient {
    /** What may be asked on a connection that goes on afterwards; the rare ones take long. */
    enum Request {
        HELLO(30),
        ECHO(30),
        UPLOAD(6),
        DOWNLOAD(8),
        REDIS(30),
        FORKS(10),
        PIPELINE(10),
        UNREAD_BODY(6),
        NOT_FOUND(6),
        SLOW(1),
        REDIS_WAIT(1);

        private static final int SUM = Arrays.stream(values()).mapToInt(each -> each.weight).sum();

        private final int weight;

        Request(int weight) {
            this.weight = weight;
        }

        static Request any(Random random) {
            int point = random.nextInt(SUM);
            int kind = 0;
            while (point >= values()[kind].weight) {
                point -= values()[kind++].weight;
            }
            return values()[kind];
        }
    }

    private final Dialogue dialogue;
    private final Random random;

    HonestClient(Dialogue dialogue, Random random) {
        this.dialogue = dialogue;
        this.random = random;
    }

    void run(Request request) throws IOException {
        int number = random.nextInt(1_000_000_000);
        switch (request) {
            case HELLO -> get("/hello?" + number, "hello " + number + "\n");
            case SLOW -> get("/slow?" + number, "slow " + number + "\n");
            case REDIS -> get("/redis?number=" + number, number + "\n");
            case REDIS_WAIT -> get("/redis?wait=1&number=" + number, number + "\n");
            case FORKS -> get("/forks?number=" + number, number + ".1 " + number + ".2\n");
            case PIPELINE -> pipeline(number);
            case DOWNLOAD -> download(number);
            case UPLOAD -> upload();
            case ECHO -> echo();
            case UNREAD_BODY -> unreadBody(number);
            case NOT_FOUND -> {
                dialogue.send(head("GET", "/nowhere?" + number, ""));
                expect(404, "404 Not Found\n");
            }
        }
    }

    private void get(String target, String text) throws IOException {
        dialogue.sendSplit(head("GET", target, "").getBytes(StandardCharsets.US_ASCII), random);
        expect(200, text);
    }

    private void pipeline(int number) throws IOException {
        StringBuilder all = new StringBuilder();
        int count = 2 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            String target = i % 2 == 0 ? "/hello?" : "/redis?number=";
            all.append(head("GET", target + (number + i), ""));
        }
        dialogue.send(all.toString());
        for (int i = 0; i < count; i++) {
            expect(200, (i % 2 == 0 ? "hello " : "") + (number + i) + "\n");
        }
    }

    private void download(int number) throws IOException {
        int size = random.nextInt(1 << random.nextInt(21));
        dialogue.send(head("GET", "/bytes?number=" + number + "&size=" + size, ""));
        checkBytes(number, size, dialogue.answer());
    }

    static void checkBytes(int number, int size, Dialogue.Answer answer) {
        if (answer.status() != 200 || answer.body().length != size) {
            throw new AssertionError(
                    answer.status() + " with " + answer.body().length + " of " + size + " bytes");
        }
        for (int i = 0; i < size; i++) {
            if (answer.body()[i] != (byte) (number + i)) {
                throw new AssertionError("wrong byte at " + i + " of " + size);
            }
        }
    }

    private void upload() throws IOException {
        byte[] body = bytes(random.nextInt(1 << 20));
        sendBody("PUT", "/upload", body);
        expect(200, body.length + " " + HexFormat.of().formatHex(sum(body)) + "\n");
    }

    private void echo() throws IOException {
        byte[] body = bytes(random.nextInt(1 << random.nextInt(17)));
        sendBody("POST", "/echo", body);
        Dialogue.Answer answer = dialogue.answer();
        if (answer.status() != 200 || !Arrays.equals(body, answer.body())) {
            throw new AssertionError(
                    "echo of "
                            + body.length
                            + " bytes: "
                            + answer.status()
                            + " with "
                            + answer.body().length);
        }
    }

    /** The handler answers without reading; the body must not be taken for a request. */
    private void unreadBody(int number) throws IOException {
        String smuggled = head("GET", "/hello?smuggled", "");
        dialogue.send(
                head("POST", "/unread?" + number, "Content-Length: " + smuggled.length() + "\r\n")
                        + smuggled);
        expect(200, "unread " + number + "\n");
    }

    private void sendBody(String method, String target, byte[] body) throws IOException {
        if (body.length > 0 && random.nextInt(8) == 0) {
            dialogue.send(
                    head(
                            method,
                            target,
                            "Expect: 100-continue\r\nContent-Length: " + body.length + "\r\n"));
            if (dialogue.answer().status() != 100) {
                throw new AssertionError("no word to continue");
            }
            dialogue.send(body);
        } else if (random.nextBoolean()) {
            dialogue.send(head(method, target, "Content-Length: " + body.length + "\r\n"));
            dialogue.sendSplit(body, random);
        } else {
            dialogue.send(head(method, target, "Transfer-Encoding: chunked\r\n"));
            dialogue.sendSplit(chunked(body), random);
        }
    }

    private byte[] chunked(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 1024);
        for (int from = 0; from < body.length; ) {
            int length = Math.min(body.length - from, 1 + random.nextInt(50_000));
            out.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.write(body, from, length);
            out.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
            from += length;
        }
        out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    /** Takes the connection over, speaks lines on it and ends it in good order. */
    void raw() throws IOException {
        int number = random.nextInt(1_000_000_000);
        String first = "first " + number + "\n";
        dialogue.send(upgrade() + first);
        if (dialogue.answer().status() != 101) {
            throw new AssertionError("not taken over");
        }
        expectLine(first);
        for (int lines = random.nextInt(20); lines > 0; lines--) {
            String line = number + "x".repeat(random.nextInt(2000)) + "\n";
            dialogue.sendSplit(line.getBytes(StandardCharsets.US_ASCII), random);
            expectLine(line);
        }
        dialogue.halfClose();
        String rest = dialogue.rest();
        if (!rest.isEmpty()) {
            throw new AssertionError("after the last line: " + rest);
        }
    }

    private void expectLine(String sent) throws IOException {
        String line = dialogue.line() + "\n";
        if (!line.equals(sent)) {
            throw new AssertionError("sent " + sent + ", echoed " + line);
        }
    }

    void expect(int status, String text) throws IOException {
        Dialogue.Answer answer = dialogue.answer();
        if (answer.status() != status || !answer.text().equals(text)) {
            throw new AssertionError(
                    answer.status() + " " + answer.text() + ", expected " + status + " " + text);
        }
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    static String upgrade() {
        return head("GET", "/raw", "Connection: Upgrade\r\nUpgrade: echo\r\n");
    }

    static String head(String method, String target, String headers) {
        return method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
    }

    private static byte[] sum(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
