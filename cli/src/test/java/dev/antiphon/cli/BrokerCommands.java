package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Requesters, responders, publishers and subscribers over a broker. Each test has a subject of its own. */
abstract class BrokerCommands {

    private final String url;
    private final String subject;

    BrokerCommands(String url, TestInfo test) {
        this.url = url;
        subject = "cli." + test.getTestMethod().orElseThrow().getName() + "." + Long.toHexString(System.nanoTime());
    }

    private Shell responder(String... how) {
        String[] args = new String[how.length + 4];
        System.arraycopy(new String[] {"reply", subject, "--url", url}, 0, args, 0, 4);
        System.arraycopy(how, 0, args, 4, how.length);
        return Shell.start(args).awaitErr("replying to");
    }

    @Test
    void request_answered_printsTheReplyAndExits0() {
        Shell responder = responder("--echo", "--count", "1");
        Shell request = Shell.run("request", subject, "hello", "--url", url);
        assertThat(request.exitCode()).isZero();
        assertThat(request.out()).isEqualTo("hello\n");
        assertThat(request.err()).isEmpty();
        assertThat(responder.exitCode()).isZero();
        assertThat(responder.err())
                .contains(subject + "  5 bytes -> 5 bytes in ")
                .containsPattern("antiphon: drained in .*: \\d finished, 0 abandoned");
    }

    @Test
    void request_withBodyFromStdinAndRaw_keepsTheBytes() {
        responder("--echo", "--count", "1");
        Shell request = Shell.runWithInput("line one\nline two", "request", subject, "-", "--raw", "--url", url);
        assertThat(request.out()).isEqualTo("line one\nline two");
    }

    @Test
    void request_asJson_hasBodyHeadersAndLatency() {
        responder("--echo", "--count", "1");
        JsonNode reply = Shell.run("request", subject, "hi", "-H", "tag=a=b", "-H", "tag=c", "--json", "--url", url)
                .json();
        assertThat(reply.get("type").asText()).isEqualTo("reply");
        assertThat(reply.get("body").asText()).isEqualTo("hi");
        assertThat(reply.at("/headers/tag/0").asText()).isEqualTo("a=b");
        assertThat(reply.at("/headers/tag/1").asText()).isEqualTo("c");
        assertThat(reply.get("latencyMicros").asDouble()).isPositive();
    }

    @Test
    void request_withCount_printsEveryReplyAndASummary() {
        responder("--body", "yes", "--count", "250", "--quiet");
        Shell request = Shell.run("request", subject, "--count", "250", "--in-flight", "20", "--url", url);
        assertThat(request.exitCode()).isZero();
        assertThat(request.lines()).hasSize(250).containsOnly("yes");
        assertThat(request.err()).contains("250 answered, 0 failed", "p99 ", "errors    none");
    }

    @Test
    void request_ofACommand_getsItsOutputAndItSeesTheRequest() {
        responder("--count", "1", "--command", "echo $ANTIPHON_SUBJECT $ANTIPHON_HEADER_X_ID $(cat)");
        Shell request = Shell.run("request", subject, "body", "-H", "x-id=7", "--url", url);
        assertThat(request.out()).isEqualTo(subject + " 7 body\n");
    }

    @Test
    void request_whenTheCommandFails_exits1WithItsLastWords() {
        responder("--count", "1", "--command", "echo first >&2; echo it is broken >&2; exit 7");
        Shell request = Shell.run("request", subject, "--json", "--url", url);
        assertThat(request.exitCode()).isEqualTo(1);
        assertThat(request.err()).contains("it is broken", "EXIT_7").hasLineCount(1);
        assertThat(request.json().get("remoteCode").asText()).isEqualTo("EXIT_7");
        assertThat(request.json().get("remoteMessage").asText()).isEqualTo("it is broken");
    }

    @Test
    void request_whenTheCommandIsTooSlow_exits3AndTheCommandIsKilled() {
        Shell responder = responder("--count", "1", "--command", "sleep 600");
        Shell request = Shell.run("request", subject, "--timeout", "300ms", "--url", url);
        assertThat(request.exitCode()).isEqualTo(3);
        assertThat(request.err()).startsWith("antiphon: TIMEOUT: ").containsPattern("after [34]\\d\\d\\.\\d ms");
        assertThat(responder.exitCode()).isZero();
        assertThat(responder.err()).contains("KILLED");
    }

    @Test
    void request_withoutResponder_exits4() {
        Shell request = Shell.run("request", subject, "--url", url);
        assertThat(request.exitCode()).isEqualTo(4);
        assertThat(request.err())
                .startsWith("antiphon: NO_RESPONDERS: ")
                .contains("start one: antiphon reply " + subject + " --echo")
                .hasLineCount(1);
    }

    @Test
    void request_withWildcard_exits2() {
        assertThat(Shell.run("request", "a.*", "--url", url).exitCode()).isEqualTo(2);
        assertThat(Shell.run("request", "a.*", "--url", url, "--count", "5").exitCode())
                .isEqualTo(2);
    }

    @Test
    void everyCommand_whenNothingListens_exits5AndNamesTheAddress() throws IOException {
        String address;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = "127.0.0.1:" + socket.getLocalPort();
        }
        String nowhere = URI.create(url).getScheme() + "://" + address;
        for (String command :
                new String[] {"request a", "reply a --echo", "publish a", "subscribe a", "demo", "bench"}) {
            Shell shell = Shell.run((command + " --url " + nowhere).split(" "));
            assertThat(shell.exitCode()).as(command).isEqualTo(5);
            assertThat(shell.err()).as(command).contains(address, "--url").hasLineCount(1);
        }
        Shell request = Shell.run("request", "a", "--verbose", "--json", "--url", nowhere);
        assertThat(request.err()).contains("\n  caused by ");
        assertThat(request.json().get("code").asText()).isEqualTo("NOT_CONNECTED");
    }

    @Test
    void subscribe_toAPattern_printsOneLinePerMessage() {
        Shell subscriber = Shell.start("subscribe", subject + ".>", "--count", "2", "--url", url)
                .awaitErr("subscribed to");
        assertThat(Shell.run("publish", subject + ".a", "one\ntwo", "--url", url)
                        .exitCode())
                .isZero();
        assertThat(Shell.runWithInput("three", "publish", subject + ".b.c", "-", "--json", "--url", url)
                        .out())
                .contains("\"published\"");
        assertThat(subscriber.exitCode()).isZero();
        assertThat(subscriber.lines()).containsExactly(subject + ".a one\\ntwo", subject + ".b.c three");
    }

    @Test
    void subscribe_asJson_hasBodyAndHeaders() {
        Shell subscriber = Shell.start("subscribe", subject, "--queue", "g", "--count", "1", "--json", "--url", url)
                .awaitErr("subscribed to");
        Shell.run("publish", subject, "{}", "-H", "a=b", "--url", url);
        assertThat(subscriber.exitCode()).isZero();
        JsonNode message = Shell.json(subscriber.lines().get(0));
        assertThat(message.get("subject").asText()).isEqualTo(subject);
        assertThat(message.get("body").asText()).isEqualTo("{}");
        assertThat(message.at("/headers/a/0").asText()).isEqualTo("b");
    }

    @Test
    void reply_asJson_printsRequestsAndTheDrain() {
        Shell responder = responder("--echo", "--count", "1", "--json");
        Shell.run("request", subject, "abc", "--url", url);
        assertThat(responder.exitCode()).isZero();
        assertThat(responder.lines())
                .map(line -> Shell.json(line).get("type").asText())
                .contains("request", "drain");
        assertThat(responder.lines())
                .anyMatch(line -> Shell.json(line).path("replyBytes").asInt() == 3);
    }

    @Test
    void bench_ofRunningResponders_measuresThem() {
        responder("--echo", "--quiet");
        Shell bench = Shell.run(
                "bench",
                "--external",
                "--subject",
                subject,
                "--duration",
                "300ms",
                "--warmup",
                "0s",
                "--json",
                "--url",
                url);
        assertThat(bench.exitCode()).as(bench.err()).isZero();
        assertThat(bench.json().get("answered").asLong()).isPositive();
    }

    @Test
    void bench_whenNobodyResponds_exits4() {
        assertThat(Shell.run("bench", "--external", "--subject", subject, "--url", url)
                        .exitCode())
                .isEqualTo(4);
    }

    @Test
    void demo_overTheBroker_succeeds() {
        Shell demo = Shell.run("demo", "--url", url);
        assertThat(demo.exitCode()).as(demo.out()).isZero();
        DemoOutput.assertComplete(demo.out());
    }
}
