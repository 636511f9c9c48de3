package io.cosocket.http;

import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers requests that no handler sees, such as malformed ones, in a line of plain text. */
final class PlainErrors implements Request.Handler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put("Content-Type", "text/plain;charset=utf-8");
        Content.Sink.write(response, true, text(response.getStatus()), callback);
        return true;
    }

    /** Gives the line that stands for an error status. */
    static String text(int status) {
        return status + " " + HttpStatus.getMessage(status) + "\n";
    }
}
