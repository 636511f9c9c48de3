package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.websocket.HeaderList.Extension;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;

class HeaderListTest {
    @Test
    void findsTokensInAnyFieldAndCase() {
        assertTrue(HeaderList.contains(List.of("keep-alive, UPGRADE"), "upgrade"));
        assertTrue(HeaderList.contains(List.of("a", " Upgrade "), "upgrade"));
        assertFalse(HeaderList.contains(List.of("no-upgrade"), "upgrade"));
        assertFalse(HeaderList.contains(List.of(), "upgrade"));
    }

    @Test
    void readsExtensionsOfAllFieldsInOrder() {
        assertEquals(
                List.of(
                        new Extension("foo", Map.of(), false),
                        new Extension("permessage-deflate", Map.of("a", "", "b", "10"), false),
                        new Extension("bar", Map.of("q", "x"), false),
                        new Extension("twice", Map.of("b", ""), true)),
                HeaderList.extensions(
                        List.of(
                                "foo, permessage-deflate; a ;B = \"1\\0\"",
                                "bar;q=x,",
                                "twice;b;b")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a;", "a;b=", "a;b=\"c", "a;b=\"c d\"", "=", "a=b"})
    void refusesMalformedExtensions(String field) {
        assertThrows(IllegalArgumentException.class, () -> HeaderList.extensions(List.of(field)));
    }

    @Test
    void refusesWhatIsNoToken() {
        assertEquals(List.of("chat", "v2.chat"), HeaderList.tokens(List.of("chat,, v2.chat ")));
        assertThrows(IllegalArgumentException.class, () -> HeaderList.tokens(List.of("chat room")));
    }
}
