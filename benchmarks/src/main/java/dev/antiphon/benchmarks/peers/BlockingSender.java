package dev.antiphon.benchmarks.peers;

import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;

/**
 * One slot of a peer that can only block: a thread of its own that waits for each reply. The first run starts the thread; a run from
 * within it, which is what a slot does once it is answered, only asks for one more round.
 */
final class BlockingSender implements Runnable {

    private final Requester requester;
    private final byte[] body;
    private final Answer answer;
    private volatile Thread thread = Thread.currentThread();
    private boolean started;
    private boolean again;

    BlockingSender(Requester requester, byte[] body, Answer answer) {
        this.requester = requester;
        this.body = body;
        this.answer = answer;
    }

    @Override
    public void run() {
        if (started && Thread.currentThread() == thread) {
            again = true;
        } else {
            started = true;
            Thread fresh = new Thread(this::loop, "slot");
            thread = fresh;
            fresh.setDaemon(true);
            fresh.start();
        }
    }

    private void loop() {
        do {
            again = false;
            try {
                answer.replied(requester.call(body));
            } catch (Exception e) {
                answer.failed(e);
            }
        } while (again);
    }
}
