package io.github.lotus4j.spark;

/**
 * The models of this executor. Static state, for there is no other: Spark deserialises a task's objects anew for every task, and what
 * outlives them in an executor is its classes.
 */
final class ExecutorModels {
    static final ModelPool POOL = new ModelPool(key -> key.settings().load(key.placement()));

    private ExecutorModels() {}
}
