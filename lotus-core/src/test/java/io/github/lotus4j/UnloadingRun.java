package io.github.lotus4j;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * A server that takes an application out and in again, as they do with class loaders; prints what of it stays. To be run where soft
 * references are cleared: Java itself keeps some to records.
 */
final class UnloadingRun {
    private static final int PATIENCE_MILLIS = 20_000;

    private UnloadingRun() {}

    /** What the application does, in a class loader of its own. */
    static final class Application implements Callable<float[]> {
        private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

        private final Path checkpoint;

        Application(Path checkpoint) {
            this.checkpoint = checkpoint;
        }

        @Override
        public float[] call() throws Exception {
            try (Lotus lotus = Lotus.builder().depth(checkpoint).threads(2).build()) {
                FutureTask<float[]> asked = new FutureTask<>(() ->
                        lotus.predictDepth(NoiseImage.of(32, 24, 1), NATIVE).toArray());
                Thread.startVirtualThread(asked);
                return asked.get();
            }
        }
    }

    /** @param arguments the checkpoint's folder */
    public static void main(String[] arguments) throws Exception {
        Path checkpoint = Path.of(arguments[0]);
        float[] expected = new Application(checkpoint).call();
        for (int i = 0; i < 3; i++) {
            WeakReference<ClassLoader> dropped = new WeakReference<>(runIn(classLoader(), checkpoint, expected));
            long end = System.currentTimeMillis() + PATIENCE_MILLIS;
            while (dropped.get() != null && System.currentTimeMillis() < end) {
                System.gc();
                Thread.sleep(20);
            }
            System.out.println("class loader " + i + (dropped.get() == null ? " is gone" : " stays"));
        }
        Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().contains("lotus"))
                .forEach(each -> System.out.println(each + " stays"));
        OpenFiles.in(checkpoint).forEach(each -> System.out.println(each + " stays"));
    }

    private static URLClassLoader classLoader() throws Exception {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"), -1)) {
            path.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** In a thread that ends, as its locals are gone then, and whose own class loader it is, as servers have it. */
    private static ClassLoader runIn(URLClassLoader loader, Path checkpoint, float[] expected) throws Exception {
        var constructor = loader.loadClass(Application.class.getName()).getDeclaredConstructor(Path.class);
        constructor.setAccessible(true);
        FutureTask<?> task = new FutureTask<>((Callable<?>) constructor.newInstance(checkpoint));
        Thread thread = new Thread(task);
        thread.setContextClassLoader(loader);
        thread.start();
        if (!Arrays.equals((float[]) task.get(), expected)) {
            throw new AssertionError("another result");
        }
        thread.join();
        loader.close();
        return loader;
    }
}
