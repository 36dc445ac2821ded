package io.github.lotus4j.cpu;

import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * What {@link WorkerTeam} promises two callers whose jobs follow each other at once; {@code scripts/stress} has jcstress try it in all
 * modes of compilation. What items do is plain memory, which others see only if the team orders it.
 */
public final class WorkerTeamStress {
    private static final int ITEMS = 3;
    private static final int JOBS = 2;

    private WorkerTeamStress() {}

    /** Every item of every job runs once, and is done, and seen to be, when its job ends. */
    @JCStressTest
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "each item ran once, before its job ended")
    @Outcome(expect = Expect.FORBIDDEN, desc = "an item was lost, ran twice, or was not seen")
    @State
    public static class EveryItemOnce {
        private static final WorkerTeam TEAM = new WorkerTeam(ITEMS);

        @Actor
        public void first(ZZ_Result result) {
            result.r1 = runsAll();
        }

        @Actor
        public void second(ZZ_Result result) {
            result.r2 = runsAll();
        }

        private static boolean runsAll() {
            int[] runs = new int[ITEMS];
            for (int job = 0; job < JOBS; job++) {
                TEAM.run(ITEMS, () -> false, (item, worker) -> runs[item]++);
            }
            return Arrays.stream(runs).allMatch(count -> count == JOBS);
        }
    }

    /** Of a job that was cancelled or failed, nothing runs once that was said, and the next one is whole. */
    @JCStressTest
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "the job ended with its failure")
    @Outcome(expect = Expect.FORBIDDEN, desc = "an item ran on, or the next job lacked one")
    @State
    public static class NothingAfterTheEnd {
        private static final WorkerTeam TEAM = new WorkerTeam(ITEMS);

        @Actor
        public void first(ZZ_Result result) {
            result.r1 = endsWhole();
        }

        @Actor
        public void second(ZZ_Result result) {
            result.r2 = endsWhole();
        }

        private static boolean endsWhole() {
            int[] runs = new int[ITEMS];
            try {
                TEAM.run(ITEMS, () -> false, (item, worker) -> {
                    if (item == 1) {
                        throw new CancellationException();
                    }
                    runs[item]++;
                });
                return false;
            } catch (CancellationException _) {
                Arrays.fill(runs, 0); // an item that runs on counts once more
            }
            TEAM.run(ITEMS, () -> false, (item, worker) -> runs[item]++);
            return Arrays.stream(runs).allMatch(count -> count == 1);
        }
    }
}
