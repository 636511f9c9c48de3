/** The command line, the launcher and the examples, as a user meets them. */
@NullMarked
package io.cosocket.it.cli;

import org.jspecify.annotations.NullMarked;
