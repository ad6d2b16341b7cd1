package dev.antiphon.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "demo",
        description = "Shows in a few seconds what Antiphon does: in memory, or over the broker of --url.",
        footer = {
            "",
            "Exit code: 0 when everything went as it should, else 1.",
            "",
            "Examples:",
            "  antiphon demo",
            "  antiphon demo --url nats://localhost:4222"
        })
final class DemoCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() {
        String tag = Integer.toHexString(ThreadLocalRandom.current().nextInt(0x1000, 0x10000));
        String url = common.urlOr("inmemory://demo-" + tag);
        try (Demo demo = new Demo(new DemoScreen(common.terminal(), common.json()), url, "demo-" + tag)) {
            return demo.run() ? Verdict.ANSWERED : Verdict.ERROR_REPLY;
        }
    }
}
