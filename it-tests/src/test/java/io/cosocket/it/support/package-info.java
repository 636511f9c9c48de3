/** Starts the packaged jar and real peers as processes. */
@NullMarked
package io.cosocket.it.support;

import org.jspecify.annotations.NullMarked;
