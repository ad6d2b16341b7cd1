package dev.antiphon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule E12. */
class AntiphonExceptionTest {

    @ParameterizedTest
    @CsvSource({
        "TIMEOUT,true,true",
        "NO_RESPONDERS,true,false",
        "CONNECTION_LOST,true,true",
        "NOT_CONNECTED,true,false",
        "CLOSED,false,true",
        "TOO_LARGE,false,false",
        "UNAVAILABLE,true,false",
        "INVALID_ARGUMENT,false,false",
        "UNSUPPORTED,false,false",
        "CANCELLED,false,true",
        "RESOURCE_EXHAUSTED,true,false",
        "REMOTE,false,true",
        "AUTHENTICATION,false,false",
        "PERMISSION_DENIED,false,false",
        "NOT_FOUND,false,false",
        "DATA_LOSS,false,true",
        "INTERNAL,false,true"
    })
    void code_always_tellsAboutRetries(ErrorCode code, boolean retryable, boolean mayHaveExecuted) {
        AntiphonException failure = new AntiphonException(code, "why");

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.retryable()).isEqualTo(retryable);
        assertThat(failure.mayHaveExecuted()).isEqualTo(mayHaveExecuted);
    }

    @ParameterizedTest
    @EnumSource
    void about_always_keepsEverythingElse(ErrorCode code) {
        Exception cause = new IllegalStateException("native");
        AntiphonException failure = new AntiphonException(code, "why", cause, !code.mayHaveExecuted(), null, null);

        AntiphonException about = failure.about("subject", "id");

        assertThat(about)
                .hasMessage(code + ": why [subject=subject, request=id]")
                .hasCause(cause);
        assertThat(about.code()).isEqualTo(code);
        assertThat(about.mayHaveExecuted()).isEqualTo(!code.mayHaveExecuted());
        assertThat(about.subject()).isEqualTo("subject");
        assertThat(about.requestId()).isEqualTo("id");
    }

    @Test
    void thrownHere_always_isTheSameFailureWithThisStackTrace() {
        AntiphonException made = new AntiphonException(ErrorCode.TIMEOUT, "why", null, false, "subject", "id");

        AntiphonException thrown = made.thrownHere();

        assertThat(thrown).hasMessage(made.getMessage());
        assertThat(thrown.mayHaveExecuted()).isFalse();
        assertThat(thrown.getStackTrace()).isNotEmpty();
        assertThat(List.of(thrown.getStackTrace()))
                .anySatisfy(frame ->
                        assertThat(frame.getClassName()).isEqualTo(getClass().getName()));
    }

    @Test
    void message_subjectOnly_hasNoRequest() {
        assertThat(new AntiphonException(ErrorCode.TOO_LARGE, "why").about("subject", null))
                .hasMessage("TOO_LARGE: why [subject=subject]");
    }

    @Test
    void remoteException_copies_keepTheRemoteCode() {
        RemoteException failure = new RemoteException("CODE", "why");

        assertThat(failure.about("subject", "id").remoteCode()).isEqualTo("CODE");
        assertThat(failure.about("subject", "id").thrownHere().remoteCode()).isEqualTo("CODE");
        assertThat(failure.thrownHere().remoteMessage()).isEqualTo("why");
        assertThat(failure.about("subject", "id")).hasMessage("REMOTE: why [subject=subject, request=id] [code=CODE]");
        assertThat(failure.code()).isEqualTo(ErrorCode.REMOTE);
        assertThat(failure.mayHaveExecuted()).isTrue();
    }

    @Test
    void configurationException_always_listsItsProblems() {
        ConfigurationException failure = new ConfigurationException(List.of("one", "two"));

        assertThat(failure).hasMessageContaining("one; two");
        assertThat(failure.problems()).containsExactly("one", "two");
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
}
