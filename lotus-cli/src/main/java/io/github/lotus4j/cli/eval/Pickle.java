package io.github.lotus4j.cli.eval;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads data that Python has pickled, protocols 0 to 5, as far as dictionaries, lists, tuples, numbers, texts and NumPy's arrays go. A
 * pickle names functions to call: here none is called, whatever its name; what would be called with what is a {@link Call}. Python's
 * module pickletools says what each code means.
 */
final class Pickle {
    /** A function or class that is named. */
    record Named(String name) {}

    /** What a function would make. */
    static final class Call {
        private final String function;
        private final List<?> arguments;
        private List<?> state = List.of();

        private Call(String function, List<?> arguments) {
            this.function = function;
            this.arguments = arguments;
        }

        String function() {
            return function;
        }

        List<?> arguments() {
            return arguments;
        }

        /** What it would be told afterwards. */
        List<?> state() {
            return state;
        }
    }

    /** None, which lists cannot hold otherwise. */
    enum Nothing {
        NONE
    }

    private static final Pattern ESCAPED = Pattern.compile("\\\\u([0-9a-f]{4})");

    private final ByteBuffer file;
    private final Deque<List<Object>> marked = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private List<Object> stack = new ArrayList<>();

    private Pickle(byte[] file) {
        this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * @return a Map, List (of tuples, too), Long, Double, Boolean, String, byte[], Nothing, Named or Call
     * @throws RuntimeException of any kind if it is cut off, damaged or has a code that is not known
     */
    static Object load(byte[] file) {
        Pickle pickle = new Pickle(file);
        for (char code = pickle.code(); code != '.'; code = pickle.code()) {
            pickle.step(code);
        }
        return pickle.pop();
    }

    private char code() {
        return (char) (file.get() & 0xff);
    }

    private Object pop() {
        return stack.removeLast();
    }

    private Object top() {
        return stack.getLast();
    }

    private void push(Object value) {
        stack.add(value);
    }

    private void step(char code) {
        @Nullable Object value = value(code);
        if (value != null) {
            push(value);
        } else {
            combine(code);
        }
    }

    /** What a code that stands for a value stands for. */
    private @Nullable Object value(char code) {
        return switch (code) {
            case 'N' -> Nothing.NONE;
            case 0x88 -> true;
            case 0x89 -> false;
            case 'J' -> (long) file.getInt();
            case 'K' -> (long) (file.get() & 0xff);
            case 'M' -> (long) (file.getShort() & 0xffff);
            case 'I' -> integer(line());
            case 'L' -> integer(line().replace("L", ""));
            case 0x8a -> longInteger(file.get() & 0xff);
            case 'F' -> Double.valueOf(line());
            case 'G' -> Double.longBitsToDouble(Long.reverseBytes(file.getLong()));
            case 'S' -> line().substring(1).replaceFirst("'$", "");
            case 'U' -> latin(file.get() & 0xff);
            case 'T' -> latin(file.getInt());
            case 'C' -> bytes(file.get() & 0xff);
            case 'B' -> bytes(file.getInt());
            case 0x8e, 0x96 -> bytes(file.getLong());
            case 'V' -> unescaped(line());
            case 0x8c -> text(file.get() & 0xff);
            case 'X' -> text(file.getInt());
            case ')' -> List.of();
            case ']' -> new ArrayList<>();
            case '}' -> new LinkedHashMap<>();
            case 'c' -> new Named(line() + "." + line());
            case 'g' -> remembered(Integer.parseInt(line()));
            case 'h' -> remembered(file.get() & 0xff);
            case 'j' -> remembered(file.getInt());
            default -> null;
        };
    }

    private void combine(char code) {
        switch (code) {
            case 0x80 -> file.get(); // the protocol
            case 0x95 -> file.getLong(); // length of what follows
            case '(' -> {
                marked.push(stack);
                stack = new ArrayList<>();
            }
            case 't' -> push(List.copyOf(sinceMark()));
            case 0x85 -> push(last(1));
            case 0x86 -> push(last(2));
            case 0x87 -> push(last(3));
            case 'd' -> push(entries(new LinkedHashMap<>(), sinceMark()));
            case 'l' -> push(sinceMark());
            case 'a' -> append(last(1));
            case 'e' -> append(sinceMark());
            case 's' -> entries(top(-2), last(2));
            case 'u' -> {
                List<Object> pairs = sinceMark();
                entries(top(), pairs);
            }
            case 'p' -> memo.put(Integer.parseInt(line()), top());
            case 'q' -> memo.put(file.get() & 0xff, top());
            case 'r' -> memo.put(file.getInt(), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 0x93 -> {
                List<Object> names = last(2);
                push(new Named(names.get(0) + "." + names.get(1)));
            }
            case 'R', 0x81 -> {
                List<Object> call = last(2);
                push(called(((Named) call.get(0)).name, (List<?>) call.get(1)));
            }
            case 'b' -> {
                List<Object> state = last(1);
                ((Call) top()).state = (List<?>) state.get(0);
            }
            case '0' -> pop();
            default -> throw new IllegalArgumentException("the code 0x" + Integer.toHexString(code));
        }
    }

    /** Bytes were written as texts, and how to make bytes of them, before there was a code for them. */
    private static Object called(String function, List<?> arguments) {
        return function.equals("_codecs.encode")
                ? ((String) arguments.get(0)).getBytes(StandardCharsets.ISO_8859_1)
                : new Call(function, arguments);
    }

    private Object top(int at) {
        return stack.get(stack.size() + at - 1);
    }

    private List<Object> sinceMark() {
        List<Object> since = stack;
        stack = marked.pop();
        return since;
    }

    /** Takes as many from the stack. */
    private List<Object> last(int count) {
        List<Object> end = stack.subList(stack.size() - count, stack.size());
        List<Object> taken = List.copyOf(end);
        end.clear();
        return taken;
    }

    @SuppressWarnings("unchecked") // made above
    private void append(List<Object> values) {
        ((List<Object>) top()).addAll(values);
    }

    @SuppressWarnings("unchecked") // made above
    private static Object entries(Object map, List<Object> pairs) {
        for (int i = 0; i < pairs.size(); i += 2) {
            if (!(pairs.get(i) instanceof String)) { // of lists that hold lists, finding the hash may take forever
                throw new IllegalArgumentException("a dictionary's key that is no text");
            }
            ((Map<Object, Object>) map).put(pairs.get(i), pairs.get(i + 1));
        }
        return map;
    }

    private Object remembered(int place) {
        Object value = memo.get(place);
        if (value == null) {
            throw new IllegalArgumentException("nothing at place " + place);
        }
        return value;
    }

    /** Letters that a line cannot have stand there by their numbers. */
    private static String unescaped(String line) {
        return ESCAPED.matcher(line)
                .replaceAll(
                        letter -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(letter.group(1), 16))));
    }

    private static Object integer(String digits) {
        return switch (digits) {
            case "00" -> false;
            case "01" -> true;
            default -> Long.valueOf(digits);
        };
    }

    private long longInteger(int length) {
        byte[] digits = bytes(length);
        long value = length > 0 && digits[length - 1] < 0 ? -1 : 0;
        for (int i = length - 1; i >= 0; i--) {
            value = (value << 8) | (digits[i] & 0xff);
        }
        return value;
    }

    private byte[] bytes(long length) {
        if (length < 0 || length > file.remaining()) {
            throw new IllegalArgumentException(
                    "a value of " + length + " bytes where " + file.remaining() + " are left");
        }
        byte[] bytes = new byte[(int) length];
        file.get(bytes);
        return bytes;
    }

    private String latin(int length) {
        return new String(bytes(length), StandardCharsets.ISO_8859_1);
    }

    private String text(int length) {
        return new String(bytes(length), StandardCharsets.UTF_8);
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (char letter = code(); letter != '\n'; letter = code()) {
            line.append(letter);
        }
        return line.toString();
    }
}
