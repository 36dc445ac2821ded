package io.github.lotus4j.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes a file for each test that is a {@link Fault}, under {@code target/faults} of its module: the fault, how it was injected, what
 * happened, the test, how many of its cases passed and how many there were, with tabs between. JUnit finds it as a service.
 */
public final class FaultRecorder implements TestExecutionListener {
    private static final Path FOLDER = Path.of("target/faults");

    private final Map<String, Cases> tests = new TreeMap<>();

    private record Cases(Method test, int passed, int all) {
        Cases with(boolean success) {
            return new Cases(test, passed + (success ? 1 : 0), all + 1);
        }

        String line() {
            Fault fault = test.getAnnotation(Fault.class);
            return String.join("\t", fault.value(), fault.by(), fault.then(), name(test), "" + passed, "" + all) + "\n";
        }
    }

    private static String name(Method test) {
        return test.getDeclaringClass().getSimpleName() + "." + test.getName();
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        TestSource source = identifier.getSource().orElse(null);
        if (identifier.isTest() && source instanceof MethodSource method) {
            Method test = method.getJavaMethod();
            if (test.isAnnotationPresent(Fault.class)) {
                boolean success = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
                tests.compute(name(test), (_, cases) -> (cases == null ? new Cases(test, 0, 0) : cases).with(success));
            }
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        try {
            for (Map.Entry<String, Cases> each : tests.entrySet()) {
                Files.createDirectories(FOLDER);
                Files.writeString(
                        FOLDER.resolve(each.getKey() + ".tsv"), each.getValue().line());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
