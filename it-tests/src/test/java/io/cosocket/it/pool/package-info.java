/** Connection pools and name look-up against real and against hostile peers. */
@NullMarked
package io.cosocket.it.pool;

import org.jspecify.annotations.NullMarked;
