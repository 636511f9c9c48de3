/** Clients that misbehave, by accident or on purpose, and what they leave behind. */
@NullMarked
package io.cosocket.it.fault;

import org.jspecify.annotations.NullMarked;
