package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.SurplusReply;
import java.util.concurrent.atomic.AtomicInteger;

/** Each thing that the end of a call undoes or leaves. */
enum CleanUp {
    TABLE_ENTRY {
        @Override
        void check(Exit exit, RequesterFixture fixture, PendingCall call) {
            assertThat(fixture.requester.tableEntries()).isZero();
        }
    },
    TIMER {
        @Override
        void check(Exit exit, RequesterFixture fixture, PendingCall call) {
            assertThat(fixture.requester.timersArmed()).isZero();
            long timeouts = fixture.counters.timeouts.sum();
            fixture.advance(RequesterFixture.TIMEOUT.multipliedBy(2));
            assertThat(fixture.counters.timeouts.sum()).isEqualTo(timeouts);
        }
    },
    PERMIT {
        @Override
        void check(Exit exit, RequesterFixture fixture, PendingCall call) {
            assertThat(fixture.requester.inFlight()).isZero();
        }
    },
    TOMBSTONE {
        @Override
        void check(Exit exit, RequesterFixture fixture, PendingCall call) {
            fixture.requester.onReply(call.correlationId(), Message.of("surplus"));
            assertThat(fixture.listener.surplus).singleElement().satisfies(surplus -> {
                assertThat(surplus.kind())
                        .isEqualTo(exit.replied() ? SurplusReply.Kind.DUPLICATE : SurplusReply.Kind.LATE);
                assertThat(surplus.requestId()).isEqualTo(call.id());
                assertThat(surplus.message().text()).isEqualTo("surplus");
                assertThat(surplus.lateBy()).isPresent();
            });
        }
    },
    FUTURE {
        @Override
        void check(Exit exit, RequesterFixture fixture, PendingCall call) {
            assertThat(call.isDone()).isTrue();
            assertThat(call.toCompletableFuture()).isDone();
            AtomicInteger completions = new AtomicInteger();
            call.whenComplete((reply, failure) -> completions.incrementAndGet());
            assertThat(completions).hasValue(1);
            if (exit.code == null) {
                assertThat(call.join().text()).isEqualTo("reply");
            } else {
                assertThatThrownBy(call::join).isInstanceOfSatisfying(AntiphonException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(exit.code);
                    assertThat(failure.subject()).isEqualTo("subject");
                    assertThat(failure.requestId()).isEqualTo(call.id());
                });
            }
            assertThat(call.cancel()).as("it can not end again").isFalse();
        }
    };

    abstract void check(Exit exit, RequesterFixture fixture, PendingCall call);
}
