package dev.antiphon.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the demo shows: headings, and checks that went as expected or not. */
final class DemoScreen {

    private final Terminal terminal;
    private final boolean json;
    private boolean allAsExpected = true;

    DemoScreen(Terminal terminal, boolean json) {
        this.terminal = terminal;
        this.json = json;
    }

    void heading(String text) {
        if (!json) {
            terminal.out().println();
            terminal.out().println(terminal.ansi().new Text("@|bold " + text + "|@"));
        }
    }

    void text(String text) {
        if (!json) {
            terminal.out().println(text);
        }
    }

    void check(String what, boolean asExpected, String seen) {
        allAsExpected &= asExpected;
        if (json) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("type", "check");
            map.put("what", what);
            map.put("ok", asExpected);
            map.put("seen", seen);
            terminal.out().println(Json.line(map));
            return;
        }
        String mark = terminal.markup(asExpected ? "@|green ok    |@" : "@|red,bold FAILED|@");
        terminal.out().println(Format.of("  %-40s ", what) + mark + "  " + seen);
    }

    boolean allAsExpected() {
        return allAsExpected;
    }
}
