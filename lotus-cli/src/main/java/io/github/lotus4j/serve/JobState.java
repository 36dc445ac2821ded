package io.github.lotus4j.serve;

/** How far a job is. */
sealed interface JobState {
    /** @param ahead images that come first, the one that is predicted among them */
    record Waiting(int ahead) implements JobState {}

    /**
     * @param stage in a word
     * @param fraction of the work that is done, 0 to 1
     */
    record Running(String stage, double fraction) implements JobState {}

    record Done(Predictor.Prediction prediction) implements JobState {}

    record Failed(String reason) implements JobState {}

    record Cancelled() implements JobState {}

    /** Whether no other follows. */
    default boolean ended() {
        return this instanceof Done || this instanceof Failed || this instanceof Cancelled;
    }
}
