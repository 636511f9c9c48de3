package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class DeflateTermsTest {
    private static final DeflateOptions OPTIONS = DeflateOptions.defaults();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permessage-deflate | permessage-deflate",
                "permessage-deflate; client_max_window_bits | permessage-deflate",
                "permessage-deflate; client_max_window_bits=9 | permessage-deflate",
                "permessage-deflate; server_max_window_bits=15 | permessage-deflate",
                "permessage-deflate; server_max_window_bits=9"
                        + " | permessage-deflate; server_max_window_bits=9",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
                        + " | permessage-deflate; server_no_context_takeover;"
                        + " client_no_context_takeover",
                "permessage-deflate; what, permessage-deflate | permessage-deflate",
                "permessage-deflate; client_max_window_bits=9; client_max_window_bits,"
                        + " permessage-deflate; server_max_window_bits=9"
                        + " | permessage-deflate; server_max_window_bits=9",
                "x-foo, PerMessage-Deflate; server_max_window_bits=\"8\""
                        + " | permessage-deflate; server_max_window_bits=8"
            })
    void acceptsOffers(String offer, String answer) {
        DeflateTerms terms = DeflateTerms.accept(HeaderList.extensions(List.of(offer)), OPTIONS);

        assertNotNull(terms);
        assertEquals(answer, terms.answer());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-bzip2",
                "permessage-deflate; server_max_window_bits",
                "permessage-deflate; server_max_window_bits=7",
                "permessage-deflate; server_max_window_bits=16",
                "permessage-deflate; server_max_window_bits=08",
                "permessage-deflate; client_max_window_bits=7",
                "permessage-deflate; server_no_context_takeover=1",
                "permessage-deflate; client_no_context_takeover=true",
                "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
                "permessage-deflate; unknown"
            })
    void declinesOffers(String offer) {
        assertNull(DeflateTerms.accept(HeaderList.extensions(List.of(offer)), OPTIONS));
    }

    @Test
    void aServerMayDropEitherContext() {
        DeflateOptions dropping =
                OPTIONS.withServerNoContextTakeover(true).withClientNoContextTakeover(true);
        DeflateTerms terms =
                DeflateTerms.accept(HeaderList.extensions(List.of("permessage-deflate")), dropping);

        assertEquals(new DeflateTerms(false, false, 15, 15), terms);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permessage-deflate | true | true | 15 | 15",
                "permessage-deflate; server_max_window_bits=10 | true | true | 10 | 15",
                "permessage-deflate; client_max_window_bits=10 | true | true | 15 | 10",
                "permessage-deflate; server_no_context_takeover | false | true | 15 | 15",
                "permessage-deflate; client_no_context_takeover | true | false | 15 | 15"
            })
    void clientAgreesToAnswers(
            String answer, boolean server, boolean client, int serverBits, int clientBits) {
        assertEquals(
                new DeflateTerms(server, client, serverBits, clientBits),
                DeflateTerms.agree(HeaderList.extensions(List.of(answer)), OPTIONS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate, permessage-deflate",
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                "permessage-foo",
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; server_max_window_bits=7",
                "permessage-deflate; unknown=1"
            })
    void clientRefusesAnswers(String answer) {
        assertThrows(
                IllegalArgumentException.class,
                () -> DeflateTerms.agree(HeaderList.extensions(List.of(answer)), OPTIONS));
    }

    @Test
    void clientRefusesWhatItDidNotOffer() {
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        DeflateTerms.agree(
                                HeaderList.extensions(List.of("permessage-deflate")), null));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        DeflateTerms.agree(
                                HeaderList.extensions(List.of("permessage-deflate")),
                                OPTIONS.withServerNoContextTakeover(true)));
        assertNull(DeflateTerms.agree(List.of(), OPTIONS));
    }
}
