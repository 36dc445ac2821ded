package io.github.lotus4j.cli;

import java.math.BigInteger;
import java.util.Comparator;

/** Names as people count: digits in a row are a number, so that frame2 comes before frame10. */
final class NaturalOrder implements Comparator<String> {
    /** Of names that differ only in zeros before their numbers, the one that Java has first. */
    static final Comparator<String> INSTANCE = new NaturalOrder().thenComparing(Comparator.naturalOrder());

    private NaturalOrder() {}

    @Override
    public int compare(String one, String other) {
        int i = 0;
        int j = 0;
        while (i < one.length() && j < other.length()) {
            int order;
            if (isDigit(one.charAt(i)) && isDigit(other.charAt(j))) {
                int iEnd = endOfDigits(one, i);
                int jEnd = endOfDigits(other, j);
                order = new BigInteger(one.substring(i, iEnd)).compareTo(new BigInteger(other.substring(j, jEnd)));
                i = iEnd;
                j = jEnd;
            } else {
                order = Character.compare(one.charAt(i++), other.charAt(j++));
            }
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(one.length() - i, other.length() - j);
    }

    private static int endOfDigits(String name, int begin) {
        int end = begin;
        while (end < name.length() && isDigit(name.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
