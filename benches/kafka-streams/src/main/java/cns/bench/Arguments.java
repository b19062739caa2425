package cns.bench;

import java.util.HashMap;
import java.util.Map;

/** {@code --name value}, each with a default unless it is required. */
final class Arguments {
    private final Map<String, String> given = new HashMap<>();

    Arguments(String[] args) {
        for (int i = 0; i < args.length; i += 2) {
            if (!args[i].startsWith("--") || i + 1 == args.length) {
                throw new IllegalArgumentException("not understood: " + args[i]);
            }
            given.put(args[i].substring(2), args[i + 1]);
        }
    }

    String text(String name) {
        String value = given.get(name);
        if (value == null) {
            throw new IllegalArgumentException("--" + name + " is missing");
        }
        return value;
    }

    String text(String name, String standard) {
        return given.getOrDefault(name, standard);
    }

    long number(String name, long standard) {
        return given.containsKey(name) ? Long.parseLong(given.get(name)) : standard;
    }
}
