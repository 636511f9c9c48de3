package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Certificates and private keys of PEM text (RFC 7468), as OpenSSL and nginx use them: PKCS #8
 * keys, and the older {@code RSA PRIVATE KEY} and {@code EC PRIVATE KEY}. Text between the blocks
 * is skipped.
 *
 * <p>Every failure is an {@link IllegalArgumentException} that names the source.
 */
public final class PemFile {
    private static final int MAX_BYTES = 16 << 20;
    private static final List<String> KEY_ALGORITHMS =
            List.of("EC", "RSA", "EdDSA", "RSASSA-PSS", "XDH");

    // DER of AlgorithmIdentifier { rsaEncryption, NULL } and of the OID of EC keys
    private static final byte[] RSA_ALGORITHM = {
        0x30, 0x0d, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
    };
    private static final byte[] EC_OID = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};
    private static final byte[] VERSION_ZERO = {2, 1, 0};

    private record Block(String label, byte[] der) {}

    private final String source;
    private final List<Block> blocks;

    private PemFile(String source, String text) {
        this.source = source;
        this.blocks = blocks(text);
    }

    /** Reads a file of at most 16 MiB. */
    public static PemFile read(Path file) {
        if (file == null) {
            throw new IllegalArgumentException("bad PEM file: null (allowed: a path)");
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException("bad PEM file " + file + ": larger than 16 MiB");
            }
            return new PemFile("file " + file, Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new IllegalArgumentException("bad PEM file " + file + ": " + e, e);
        }
    }

    /** Takes text, for keys and certificates that come from elsewhere. */
    public static PemFile of(String text) {
        if (text == null) {
            throw new IllegalArgumentException("bad PEM text: null (allowed: text)");
        }
        return new PemFile("text", text);
    }

    /** Gives the certificates in their order, at least one. */
    public List<X509Certificate> certificates() {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label.endsWith("CERTIFICATE")) {
                try {
                    certificates.add(
                            (X509Certificate)
                                    CertificateFactory.getInstance("X.509")
                                            .generateCertificate(
                                                    new ByteArrayInputStream(block.der)));
                } catch (CertificateException e) {
                    throw bad("certificate " + (certificates.size() + 1) + " is malformed", e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw bad("holds no certificate", null);
        }
        return List.copyOf(certificates);
    }

    /** Gives the revocation lists, at least one. */
    public List<X509CRL> revocationLists() {
        List<X509CRL> lists = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label.equals("X509 CRL")) {
                try {
                    lists.add(
                            (X509CRL)
                                    CertificateFactory.getInstance("X.509")
                                            .generateCRL(new ByteArrayInputStream(block.der)));
                } catch (CertificateException | CRLException e) {
                    throw bad("revocation list " + (lists.size() + 1) + " is malformed", e);
                }
            }
        }
        if (lists.isEmpty()) {
            throw bad("holds no revocation list", null);
        }
        return List.copyOf(lists);
    }

    /** Gives the first private key. */
    public PrivateKey privateKey() {
        for (Block block : blocks) {
            switch (block.label) {
                case "PRIVATE KEY" -> {
                    return key(block.der);
                }
                case "RSA PRIVATE KEY" -> {
                    return key(der(0x30, VERSION_ZERO, RSA_ALGORITHM, der(0x04, block.der)));
                }
                case "EC PRIVATE KEY" -> {
                    byte[] algorithm = der(0x30, EC_OID, curve(block.der));
                    return key(der(0x30, VERSION_ZERO, algorithm, der(0x04, block.der)));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                        throw bad("the private key is encrypted; decrypt it first", null);
                default -> {
                    // certificates and parameters may come before the key
                }
            }
        }
        throw bad("holds no private key", null);
    }

    private PrivateKey key(byte[] pkcs8) {
        GeneralSecurityException last = null;
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                last = e;
            }
        }
        throw bad("the private key is malformed or of an unknown kind", last);
    }

    /** Finds the curve in an ECPrivateKey of RFC 5915, or in the parameters before it. */
    private byte[] curve(byte[] sec1) {
        // SEQUENCE { INTEGER 1, OCTET STRING key, [0] { OID curve }, … }
        int at = valueStart(sec1, 0);
        at = next(sec1, next(sec1, at));
        if (at < sec1.length && (sec1[at] & 0xff) == 0xa0) {
            int oid = valueStart(sec1, at);
            return Arrays.copyOfRange(sec1, oid, next(sec1, oid));
        }
        for (Block block : blocks) {
            if (block.label.equals("EC PARAMETERS")) {
                return block.der;
            }
        }
        throw bad("the EC private key names no curve", null);
    }

    private int valueStart(byte[] der, int at) {
        if (at + 1 >= der.length) {
            throw bad("the private key is cut short", null);
        }
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private int next(byte[] der, int at) {
        int start = valueStart(der, at);
        int length = der[at + 1] & 0xff;
        if (length >= 0x80) {
            int count = length & 0x7f;
            length = 0;
            for (int i = 0; i < count && at + 2 + i < der.length; i++) {
                length = length << 8 | der[at + 2 + i] & 0xff;
            }
        }
        if (length < 0 || length > der.length - start) {
            throw bad("the private key is cut short", null);
        }
        return start + length;
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            value.writeBytes(part);
        }
        int length = value.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int count = (39 - Integer.numberOfLeadingZeros(length)) / 8;
            out.write(0x80 | count);
            for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
                out.write(length >> shift);
            }
        }
        out.writeBytes(value.toByteArray());
        return out.toByteArray();
    }

    private List<Block> blocks(String text) {
        List<Block> found = new ArrayList<>();
        String begin = "-----BEGIN ";
        int at = text.indexOf(begin);
        while (at >= 0) {
            int labelEnd = text.indexOf("-----", at + begin.length());
            if (labelEnd < 0) {
                throw bad("has a BEGIN line that does not end", null);
            }
            String label = text.substring(at + begin.length(), labelEnd);
            int end = text.indexOf("-----END " + label + "-----", labelEnd);
            if (end < 0) {
                throw bad("has no END line for " + label, null);
            }
            String body = text.substring(labelEnd + 5, end);
            if (body.contains("Proc-Type:")) {
                throw bad("the private key is encrypted; decrypt it first", null);
            }
            try {
                found.add(new Block(label, Base64.getMimeDecoder().decode(body)));
            } catch (IllegalArgumentException e) {
                throw bad(label + " is not base64", e);
            }
            at = text.indexOf(begin, end);
        }
        return found;
    }

    private IllegalArgumentException bad(String what, @Nullable Exception cause) {
        return new IllegalArgumentException("bad PEM " + source + ": " + what, cause);
    }
}
