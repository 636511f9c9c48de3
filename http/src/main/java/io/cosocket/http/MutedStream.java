package io.cosocket.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The rest of an HTTP exchange whose connection was taken over: nothing of it reaches the wire, and
 * nothing is read from it. {@code HttpStream.Wrapper} would not do, because it reads what is left
 * of the body and writes an error page.
 */
final class MutedStream implements HttpStream {
    private final HttpStream stream;
    private final @Nullable Consumer<HttpStream> completed;

    /**
     * @param completed called with the stream in the place of Jetty's own completion; null to leave
     *     that alone
     */
    MutedStream(HttpStream stream, @Nullable Consumer<HttpStream> completed) {
        this.stream = stream;
        this.completed = completed;
    }

    @Override
    public String getId() {
        return stream.getId();
    }

    @Override
    public Content.Chunk read() {
        return Content.Chunk.EOF;
    }

    @Override
    public void demand() {}

    @Override
    public void prepareResponse(HttpFields.Mutable headers) {}

    @Override
    public void send(
            MetaData.Request request,
            MetaData.Response response,
            boolean last,
            ByteBuffer content,
            Callback callback) {
        if (content != null) {
            BufferUtil.clear(content);
        }
        callback.succeeded();
    }

    @Override
    public Runnable cancelSend(Throwable cause, Callback callback) {
        return () -> callback.failed(cause);
    }

    @Override
    public long getIdleTimeout() {
        return stream.getIdleTimeout();
    }

    @Override
    public void setIdleTimeout(long idleTimeoutMs) {
        stream.setIdleTimeout(idleTimeoutMs);
    }

    @Override
    public boolean isCommitted() {
        return true;
    }

    @Override
    public Throwable consumeAvailable() {
        return null;
    }

    @Override
    public void succeeded() {
        if (completed == null) {
            stream.succeeded();
        } else {
            completed.accept(stream);
        }
    }

    @Override
    public void failed(Throwable failure) {
        if (completed == null) {
            stream.failed(failure);
        } else {
            completed.accept(stream);
        }
    }
}
