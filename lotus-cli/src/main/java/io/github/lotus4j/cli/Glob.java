package io.github.lotus4j.cli;

import io.github.lotus4j.error.LotusException;
import java.io.File;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern that no shell expanded, as of a program that starts this one, or on Windows.
 *
 * @param folder where the pattern begins
 * @param matcher of paths below it
 * @param depth how many levels of folders it may reach, 1 for the folder alone
 */
record Glob(Path folder, PathMatcher matcher, int depth) {
    private static final String ANY_FOLDERS = "**/";

    /** Whether {@code word} may be one; a file may be called so, too. */
    static boolean is(String word) {
        return start(word) < word.length();
    }

    private static int start(String word) {
        int at = 0;
        while (at < word.length() && "*?[{".indexOf(word.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    /** @throws LotusException if it is no pattern */
    static Glob of(String word) {
        String path = word.replace(File.separatorChar, '/');
        int slash = path.lastIndexOf('/', start(path));
        String pattern = path.substring(slash + 1);
        try {
            return new Glob(
                    Path.of(path.substring(0, slash == 0 ? 1 : Math.max(slash, 0))),
                    FileSystems.getDefault().getPathMatcher("glob:" + withNoFolders(pattern)),
                    pattern.contains("**")
                            ? Integer.MAX_VALUE
                            : 1 + (int) pattern.chars().filter(c -> c == '/').count());
        } catch (PatternSyntaxException e) {
            throw new LotusException(word + " is no pattern: " + e.getDescription(), e);
        }
    }

    /** Java's {@code **}{@code /} asks for one folder at least, that of shells for none. */
    private static String withNoFolders(String pattern) {
        StringBuilder all = new StringBuilder();
        boolean group = false; // in which Java allows no other
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            group = c == '{' || (group && c != '}');
            if (!group && pattern.startsWith(ANY_FOLDERS, i)) {
                all.append("{**/,}");
                i += ANY_FOLDERS.length() - 1;
            } else {
                all.append(c);
            }
        }
        return all.toString();
    }
}
