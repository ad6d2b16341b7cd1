package dev.antiphon.conformance;

import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.InboundMessage;
import java.util.ArrayList;
import java.util.List;

/** Takes what a transport hands over, without the engine. Any thread. */
final class SpiCollector implements InboundHandler {
    private final List<InboundMessage> messages = new ArrayList<>();

    @Override
    public void onMessage(InboundMessage message) {
        add(message);
        message.settle(InboundMessage.Settlement.ACCEPT);
    }

    private synchronized void add(InboundMessage message) {
        messages.add(message);
    }

    synchronized List<InboundMessage> messages() {
        return List.copyOf(messages);
    }

    List<String> texts() {
        return messages().stream().map(message -> message.message().text()).toList();
    }
}
