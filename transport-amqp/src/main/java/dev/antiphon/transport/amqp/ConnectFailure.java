package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.MalformedFrameException;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TlsOptions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Says why no connection could be made. */
final class ConnectFailure {

    private ConnectFailure() {}

    /** Whether another address, or another attempt, would end the same way. */
    static boolean isFinal(Exception problem) {
        return problem instanceof AntiphonException || isRefusal(problem);
    }

    /** The failure of a round of attempts, from what each of them ended with. */
    static AntiphonException of(String target, List<Exception> problems) {
        Exception last = problems.get(problems.size() - 1);
        if (last instanceof AntiphonException ours) {
            return ours;
        }
        if (isRefusal(last)) {
            return new AntiphonException(
                    ErrorCode.AUTHENTICATION,
                    target + " refuses the credentials" + BrokerErrors.saying(last) + "; check user and password",
                    last);
        }
        Exception first = problems.get(0);
        AntiphonException failure = new AntiphonException(code(first), text(target, problems), first);
        problems.stream().skip(1).forEach(failure::addSuppressed);
        return failure;
    }

    private static boolean isRefusal(Exception problem) {
        return problem instanceof AuthenticationFailureException
                || problem instanceof PossibleAuthenticationFailureException;
    }

    /** A virtual host that is missing is told with the same number as one that is not allowed. */
    private static ErrorCode code(Exception problem) {
        if (!BrokerErrors.is(AMQP.NOT_ALLOWED, problem)) {
            return ErrorCode.NOT_CONNECTED;
        }
        return BrokerErrors.saying(problem).contains("not found") ? ErrorCode.NOT_FOUND : ErrorCode.PERMISSION_DENIED;
    }

    private static String text(String target, List<Exception> problems) {
        Set<String> reasons = new LinkedHashSet<>();
        for (Exception problem : problems) {
            String said = BrokerErrors.saying(problem);
            if (isNoAmqp(problem, said)) {
                reasons.add("what listens there does not speak AMQP; if it speaks TLS, write amqps:// in the URL");
            } else {
                reasons.add((said.isEmpty() ? problem.getClass().getSimpleName() : said.substring(2)) + hint(problem));
            }
        }
        return "can not connect to " + target + ": " + String.join("; ", reasons);
    }

    /** The client takes the first bytes for the header of a frame. */
    private static boolean isNoAmqp(Exception problem, String said) {
        return problem instanceof MalformedFrameException || said.contains("Frame size is invalid");
    }

    private static String hint(Exception problem) {
        if (problem instanceof SSLHandshakeException) {
            return ". Check the option " + TlsOptions.TRUST_STORE + ", and the name in the broker's certificate";
        }
        if (problem instanceof SSLException) {
            return ". If the broker does not speak TLS at this port, write amqp:// in the URL";
        }
        return "";
    }
}
