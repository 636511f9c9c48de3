/**
 * The launcher stub: runs on Java 17 and hands over to a newer Java. On a new enough Java it steps
 * aside and everything runs in one process.
 */
package io.cosocket.launch;
