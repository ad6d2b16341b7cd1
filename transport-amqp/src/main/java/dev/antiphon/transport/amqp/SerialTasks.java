package dev.antiphon.transport.amqp;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TransportEvents;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/** Runs what waits for the broker, one task after the other. Any thread. */
final class SerialTasks {

    private final ExecutorService thread;
    private final TransportEvents events;

    SerialTasks(ExecutorService thread, TransportEvents events) {
        this.thread = thread;
        this.events = events;
    }

    /** Runs a task, behind those that were given before; the other one here if it takes no more. */
    void run(Runnable task, Runnable otherwise) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException defect) {
                    events.error(new AntiphonException(ErrorCode.INTERNAL, "a task failed: " + defect, defect));
                }
            });
        } catch (RejectedExecutionException over) {
            otherwise.run();
        }
    }

    /** Takes no more tasks. */
    void shutdown() {
        thread.shutdown();
    }
}
