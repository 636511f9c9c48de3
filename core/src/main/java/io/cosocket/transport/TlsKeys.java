package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Chooses among own keys: a server by the name the client asks for, a client by the authorities the
 * server names. Unlike the JDK's own, a client shows a key that none of them has signed rather than
 * none, as OpenSSL does, so that the server says what is wrong with it.
 *
 * <p>Threads: immutable.
 */
final class TlsKeys extends X509ExtendedKeyManager {
    private final List<TlsIdentity.Entry> entries;

    TlsKeys(List<TlsIdentity.Entry> entries) {
        this.entries = entries;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        String asked = asked(engine);
        int other = -1;
        boolean namedElsewhere = false;
        for (int i = 0; i < entries.size(); i++) {
            TlsIdentity.Entry entry = entries.get(i);
            boolean named = asked != null && entry.isNamed(asked);
            if (!entry.key().getAlgorithm().equals(keyType)) {
                namedElsewhere |= named; // the JDK will ask for that kind of key, too
            } else if (named) {
                return alias(i);
            } else if (other < 0) {
                other = i;
            }
        }
        return other < 0 || namedElsewhere ? null : alias(other);
    }

    private static @Nullable String asked(SSLEngine engine) {
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return null;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        Set<Principal> named = issuers == null ? Set.of() : Set.copyOf(Arrays.asList(issuers));
        String other = null;
        for (String keyType : keyTypes) {
            for (int i = 0; i < entries.size(); i++) {
                TlsIdentity.Entry entry = entries.get(i);
                if (entry.key().getAlgorithm().equals(keyType)) {
                    if (named.isEmpty() || isSigned(entry, named)) {
                        return alias(i);
                    }
                    other = other == null ? alias(i) : other;
                }
            }
        }
        return other;
    }

    private static boolean isSigned(TlsIdentity.Entry entry, Set<Principal> issuers) {
        for (X509Certificate certificate : entry.chain()) {
            if (issuers.contains(certificate.getIssuerX500Principal())) {
                return true;
            }
        }
        return false;
    }

    private static String alias(int index) {
        return Integer.toString(index);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return entries.get(Integer.parseInt(alias)).key();
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return entries.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
    }

    // what the interface asks for besides, and an engine never calls

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        List<String> aliases = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).key().getAlgorithm().equals(keyType)) {
                aliases.add(alias(i));
            }
        }
        return aliases.toArray(String[]::new);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return getServerAliases(keyType, issuers);
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        throw new UnsupportedOperationException("engines only");
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        throw new UnsupportedOperationException("engines only");
    }
}
