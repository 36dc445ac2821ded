package io.github.lotus4j.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import org.junit.jupiter.api.Test;

class BackendsTest {
    private static final BackendSettings SETTINGS = new BackendSettings(1, false);

    /** That looks as if it could run; found by its name only. */
    public static final class Broken extends NamedProvider {
        public Broken() {
            super("broken");
        }

        @Override
        public Backend open(BackendSettings settings) {
            throw new LotusException("its device does not answer");
        }
    }

    @Test
    void theBestThatRunsIsTaken() {
        try (Backend backend = Backends.open(Backends.AUTO, SETTINGS)) {
            assertThat(backend.name()).isEqualTo("cpu");
        }
    }

    @Test
    void whatIsAskedForByNameMustRun() {
        assertThatThrownBy(() -> Backends.open("broken", SETTINGS))
                .isInstanceOf(LotusException.class)
                .hasMessage("backend broken cannot run: its device does not answer");
        assertThatThrownBy(() -> Backends.open("cup", SETTINGS))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("\"cup\"", "cpu", "auto");
        assertThatThrownBy(() -> Backends.open("auto:f16", SETTINGS))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("auto has no options", "f16");
    }

    @Test
    void diagnosisIsOfThoseThatAreChosenFrom() {
        assertThat(Backends.diagnose()).singleElement().satisfies(cpu -> {
            assertThat(cpu.backend()).isEqualTo("cpu");
            assertThat(cpu.unavailable()).isEmpty();
        });
    }
}
