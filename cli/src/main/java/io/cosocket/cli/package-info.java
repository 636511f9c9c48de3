/** The command line: options, configuration file, and the loading of handlers. */
@NullMarked
package io.cosocket.cli;

import org.jspecify.annotations.NullMarked;
