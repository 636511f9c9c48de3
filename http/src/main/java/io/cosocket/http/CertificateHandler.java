package io.cosocket.http;

import org.jspecify.annotations.Nullable;

/**
 * Chooses the certificate for a client ({@code ssl_certificate_by_lua}), from wherever it keeps
 * them.
 *
 * <p>It runs on a virtual thread, may block and use sockets; the client waits. It keeps the client
 * out by {@link ClientHello#refuse} or, with the alert {@code internal_error}, by an exception. Its
 * answer is kept for the time to live of the certificate and serves every client that asks for the
 * same server name and offers the same application protocols.
 */
@FunctionalInterface
public interface CertificateHandler {
    /**
     * Gives the certificate to show, or null for the listener's own; when that has none the client
     * is refused with the alert {@code unrecognized_name}.
     *
     * @throws Exception any failure; it is logged and the client refused
     */
    @Nullable ServerCertificate certificate(ClientHello hello) throws Exception;
}
