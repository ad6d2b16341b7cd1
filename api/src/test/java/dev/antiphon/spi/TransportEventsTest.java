package dev.antiphon.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TransportEventsTest {

    private final List<Runnable> tasks = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final TransportEvents events = new TransportEvents(tasks::add);

    private final TransportListener listener = new TransportListener() {
        @Override
        public void onState(ConnectionState state, @Nullable AntiphonException cause) {
            told.add(state.name());
        }

        @Override
        public void onError(AntiphonException error) {
            told.add(error.code().name());
        }

        @Override
        public void onReplyChannelMoved(ReplyChannel channel) {
            told.add("moved");
        }

        @Override
        public void onSlowConsumer(String subject) {
            told.add(subject);
        }
    };

    private void runTasks() {
        tasks.forEach(Runnable::run);
        tasks.clear();
    }

    @Test
    void close_isToldLastAndOnce() {
        events.open(listener);
        events.state(ConnectionState.CONNECTED, null);
        events.close(null);
        events.state(ConnectionState.RECONNECTING, null);
        events.close(null);
        assertThat(events.closed()).isNotDone();
        runTasks();
        assertThat(told).containsExactly("CONNECTED", "CLOSED");
        assertThat(events.closed()).isCompleted();
    }

    @Test
    void close_whenTheThreadTakesNoMoreTasks_completesAtOnce() {
        TransportEvents late = new TransportEvents(task -> {
            throw new RejectedExecutionException();
        });
        late.open(listener);
        late.close(null);
        assertThat(late.closed()).isCompleted();
        assertThat(told).isEmpty();
    }

    @Test
    void errors_areLeftOutWhereTooManyWait_statesAreNot() {
        events.open(listener);
        for (int i = 0; i < 2000; i++) {
            events.error(new AntiphonException(ErrorCode.INTERNAL, "error " + i));
        }
        events.state(ConnectionState.RECONNECTING, null);
        runTasks();
        assertThat(told).hasSize(1024 + 1).endsWith("RECONNECTING");
    }
}
