package dev.antiphon.cli;

import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "transports",
        description = "Lists the transports on the class path: what each can do, and the options of its URL.",
        footer = {"", "Examples:", "  antiphon transports", "  antiphon transports --json"})
final class TransportsCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() {
        List<TransportProvider> providers = new ArrayList<>();
        ServiceLoader.load(TransportProvider.class).forEach(providers::add);
        providers.sort(Comparator.comparing(TransportProvider::name));
        PrintStream out = common.terminal().out();
        if (common.json()) {
            providers.forEach(provider -> out.println(Json.line(toMap(provider))));
        } else {
            table(providers, out);
            providers.forEach(provider -> options(provider, out));
        }
        return Verdict.ANSWERED;
    }

    private static void table(List<TransportProvider> providers, PrintStream out) {
        row(out, "transport", providers, TransportProvider::name);
        row(out, "url schemes", providers, provider -> String.join(" ", new TreeSet<>(provider.schemes())));
        for (Capability capability : Capability.values()) {
            row(
                    out,
                    words(capability),
                    providers,
                    provider -> words(provider.capabilities().level(capability)));
        }
        row(out, "largest body, bytes", providers, provider -> {
            long bytes = provider.capabilities().limits().maxBodyBytes();
            return bytes >= Integer.MAX_VALUE - 8 ? "no limit" : Format.count(bytes);
        });
    }

    private static void row(
            PrintStream out,
            String title,
            List<TransportProvider> providers,
            Function<TransportProvider, String> value) {
        StringBuilder line = new StringBuilder(Format.of("%-34s", title));
        providers.forEach(provider -> line.append(Format.of("%-16s", value.apply(provider))));
        out.println(line.toString().stripTrailing());
    }

    private static void options(TransportProvider provider, PrintStream out) {
        out.println();
        out.println("options of " + provider.name() + (provider.options().isEmpty() ? ": none" : ""));
        for (TransportOption option : provider.options()) {
            String value = option.defaultValue() == null ? "" : ", default " + option.defaultValue();
            out.println(Format.of(
                    "  %-22s %s (%s%s)",
                    option.name(), option.description().replaceFirst("\\.$", ""), words(option.type()), value));
        }
    }

    private static Map<String, Object> toMap(TransportProvider provider) {
        Capabilities capabilities = provider.capabilities();
        Map<String, Object> levels = new LinkedHashMap<>();
        for (Capability capability : Capability.values()) {
            levels.put(capability.name(), capabilities.level(capability));
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", provider.name());
        map.put("schemes", new TreeSet<>(provider.schemes()));
        map.put("capabilities", levels);
        map.put("limits", capabilities.limits());
        map.put("options", provider.options());
        return map;
    }

    private static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
