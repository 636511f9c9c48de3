package io.cosocket.it.support;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Simple requests over HTTP/1.1. */
public final class Http {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private static final HttpClient SHARED = client();

    private Http() {}

    public static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    public static HttpRequest request(URI uri) {
        return HttpRequest.newBuilder(uri).timeout(LIMIT).build();
    }

    /** Makes one GET request. */
    public static HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        return SHARED.send(request(uri), HttpResponse.BodyHandlers.ofString());
    }

    /** Sends bytes by one PUT request. */
    public static HttpResponse<String> put(URI uri, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .timeout(LIMIT)
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
        return SHARED.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
