/** Starting, stopping and what threads do meanwhile. */
@NullMarked
package io.cosocket.it.lifecycle;

import org.jspecify.annotations.NullMarked;
