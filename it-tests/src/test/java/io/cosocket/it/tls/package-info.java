/** TLS against OpenSSL: s_server, s_client, nginx and curl. */
@NullMarked
package io.cosocket.it.tls;

import org.jspecify.annotations.NullMarked;
