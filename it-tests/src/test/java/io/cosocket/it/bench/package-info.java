/** Benchmarks, run by {@code mvn verify -Pbench}: peers side by side, ratios and medians. */
@NullMarked
package io.cosocket.it.bench;

import org.jspecify.annotations.NullMarked;
