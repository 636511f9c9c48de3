package io.cosocket.transport;

import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;

@ParameterizedClass(name = "{0}")
@EnumSource(Links.class)
class TransportContractTest extends TransportContract {
    @Parameter Links kind;

    @Override
    protected Link open() throws IOException {
        return kind.open();
    }

    @Override
    protected boolean resets() {
        return kind.resets();
    }
}
