/** Requests, bodies and raw connections over real connections. */
@NullMarked
package io.cosocket.it.http;

import org.jspecify.annotations.NullMarked;
