package io.github.lotus4j.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where NVIDIA's libraries lie on this machine. Files are looked for, nothing is loaded.
 *
 * <p>If the system property {@value #SETTING}, or else the environment variable {@value #VARIABLE}, names folders, only those are
 * searched. Else: {@code CUDA_HOME} and {@code CUDA_PATH}, {@code LD_LIBRARY_PATH}, Python's nvidia packages, the usual folders,
 * and what the system's loader knows.
 */
final class LibrarySearch {
    static final String SETTING = "lotus.cuda.libraries";
    static final String VARIABLE = "LOTUS_CUDA_LIBRARIES";

    private static final Path LOADER_CACHE = Path.of("/etc/ld.so.cache");
    private static final List<String> USUAL = List.of(
            "/usr/local/cuda/lib64",
            "/usr/local/cuda/targets/x86_64-linux/lib",
            "/usr/local/nvidia/lib64",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/wsl/lib",
            "/usr/lib64",
            "/usr/lib",
            "/opt/cuda/lib64");

    /** @param from where it was found, in words */
    record Found(Path path, String from) {
        @Override
        public String toString() {
            return path + " (" + from + ")";
        }
    }

    private final Map<Path, String> folders = new LinkedHashMap<>();
    private final boolean stated;

    /** Over this process's settings and environment. */
    LibrarySearch() {
        this(System.getProperty(SETTING), System.getenv()::get, Path.of(System.getProperty("user.home", "/")));
    }

    LibrarySearch(@Nullable String setting, UnaryOperator<@Nullable String> environment, Path home) {
        String variable = folders(environment.apply(VARIABLE));
        stated = setting != null || variable != null;
        if (setting != null) {
            addAll(setting, SETTING);
        } else if (variable != null) {
            addAll(variable, VARIABLE);
        } else {
            for (String root : List.of("CUDA_HOME", "CUDA_PATH")) {
                String path = environment.apply(root);
                if (path != null && !path.isEmpty()) {
                    for (String below : List.of("lib64", "lib", "targets/x86_64-linux/lib")) {
                        folders.putIfAbsent(Path.of(path, below), root);
                    }
                }
            }
            addAll(environment.apply("LD_LIBRARY_PATH"), "LD_LIBRARY_PATH");
            for (Path root : pythons(environment, home)) {
                addPythonPackages(root);
            }
            USUAL.forEach(folder -> folders.putIfAbsent(Path.of(folder), "a usual folder"));
        }
    }

    /** None where it names none, as an empty variable does not. */
    private static @Nullable String folders(@Nullable String list) {
        return list == null || list.replace(File.pathSeparator, "").isBlank() ? null : list;
    }

    private void addAll(@Nullable String list, String from) {
        if (list != null) {
            for (String folder : list.split(File.pathSeparator, -1)) {
                if (!folder.isEmpty()) {
                    folders.putIfAbsent(Path.of(folder), from);
                }
            }
        }
    }

    private static List<Path> pythons(UnaryOperator<@Nullable String> environment, Path home) {
        List<Path> roots = new ArrayList<>();
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            String path = environment.apply(variable);
            if (path != null && !path.isEmpty()) {
                roots.add(Path.of(path));
            }
        }
        roots.add(home.resolve(".local"));
        roots.addAll(List.of(Path.of("/usr/local"), Path.of("/usr"), Path.of("/opt/conda"), Path.of("/opt/venv")));
        return roots;
    }

    /** {@code lib/python3.…/site-packages/nvidia/…/lib} of a Python installation. */
    private void addPythonPackages(Path root) {
        for (Path python : children(root.resolve("lib"), "python3*")) {
            for (String packages : List.of("site-packages", "dist-packages")) {
                for (Path each : children(python.resolve(packages).resolve("nvidia"), "*")) {
                    folders.putIfAbsent(each.resolve("lib"), "a Python package");
                }
            }
        }
    }

    private static List<Path> children(Path folder, String pattern) {
        List<Path> children = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, pattern)) {
                stream.forEach(children::add);
            } catch (IOException e) {
                return List.of(); // not ours to read, so nothing is there for us
            }
        }
        children.sort(null);
        return children;
    }

    /** @param name such as {@code libcublas.so.12} */
    Optional<Found> find(String name) {
        for (Map.Entry<Path, String> folder : folders.entrySet()) {
            Path path = folder.getKey().resolve(name);
            if (Files.isRegularFile(path)) {
                return Optional.of(new Found(path.toAbsolutePath(), folder.getValue()));
            }
        }
        return stated ? Optional.empty() : inLoaderCache(name);
    }

    /** In the same folder as another, else anywhere. */
    Optional<Found> findBeside(Found other, String name) {
        Path path = other.path().resolveSibling(name);
        return Files.isRegularFile(path) ? Optional.of(new Found(path, other.from())) : find(name);
    }

    /** The cache holds absolute paths, each ended by a zero byte. */
    private static Optional<Found> inLoaderCache(String name) {
        try {
            String cache = new String(Files.readAllBytes(LOADER_CACHE), StandardCharsets.ISO_8859_1);
            String ending = "/" + name + "\0";
            int at = cache.indexOf(ending);
            if (at >= 0) {
                Path path = Path.of(cache.substring(cache.lastIndexOf('\0', at) + 1, at + ending.length() - 1));
                return Files.isRegularFile(path)
                        ? Optional.of(new Found(path, "the system's loader"))
                        : Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty(); // this system has none
        }
        return Optional.empty();
    }

    /** Where was looked, if a user has said so: an end for a message that something was not found. */
    String where() {
        return stated
                ? " in "
                        + folders.keySet().stream()
                                .map(each -> Files.isDirectory(each) ? each.toString() : each + " (which is no folder)")
                                .toList()
                        + ", which " + folders.values().stream().findFirst().orElse(SETTING) + " names"
                : "";
    }

    /** Whether a user has said where to look. */
    boolean stated() {
        return stated;
    }
}
