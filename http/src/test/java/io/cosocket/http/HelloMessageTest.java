package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cosocket.http.HelloMessage.Malformed;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

class HelloMessageTest {
    /** Gives what the JDK sends first. */
    private static byte[] hello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("Some.Test", 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("Some.Test")));
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        engine.setSSLParameters(parameters);
        ByteBuffer record = ByteBuffer.allocate(20_000);
        engine.wrap(ByteBuffer.allocate(0), record);
        byte[] bytes = new byte[record.flip().remaining()];
        record.get(bytes);
        return bytes;
    }

    private static HelloMessage parse(byte[] bytes) throws Malformed {
        return HelloMessage.parse(ByteBuffer.wrap(bytes));
    }

    @Test
    void everythingAskedForIsRead() throws Exception {
        HelloMessage message = parse(hello());

        assertNotNull(message);
        assertEquals("some.test", message.serverName());
        assertEquals(List.of("h2", "http/1.1"), message.alpn());
        assertEquals(List.of("TLSv1.3", "TLSv1.2"), message.protocols());
    }

    @Test
    void everyBeginningAsksForMore() throws Exception {
        byte[] whole = hello();
        for (int cut = 0; cut < whole.length; cut++) {
            assertNull(parse(Arrays.copyOf(whole, cut)), "cut after " + cut);
        }
    }

    @Test
    void messageInManyRecordsIsJoined() throws Exception {
        byte[] whole = hello();
        for (int size : new int[] {1, 2, 7, 100}) {
            ByteBuffer records = ByteBuffer.allocate(whole.length * 6 + 5);
            for (int at = 5; at < whole.length; at += size) {
                int count = Math.min(size, whole.length - at);
                records.put((byte) 22).putShort((short) 0x0301).putShort((short) count);
                records.put(whole, at, count);
            }

            assertEquals(parse(whole), HelloMessage.parse(records.flip()), size + " bytes each");
        }
    }

    @Test
    void otherProtocolsAreRefusedAtTheFirstByte() {
        for (String text : new String[] {"G", "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n"}) {
            assertThrows(
                    Malformed.class, () -> parse(text.getBytes(StandardCharsets.US_ASCII)), text);
        }
        assertThrows(Malformed.class, () -> parse(new byte[] {22, 3, 1, 0, 0}));
        assertThrows(Malformed.class, () -> parse(new byte[] {22, 3, 1, (byte) 0xff, 0, 1}));
        assertThrows(Malformed.class, () -> parse(new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0}));
    }

    @Test
    void noBytesMakeTheParserFailInAnotherWay() throws Exception {
        byte[] whole = hello();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                parse(bytes);
            } catch (Malformed e) {
                // refused
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + i, e);
            }
        }
    }
}
