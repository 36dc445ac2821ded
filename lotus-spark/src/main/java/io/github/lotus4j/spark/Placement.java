package io.github.lotus4j.spark;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.BackendSettings;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * What a task's predictions are computed by.
 *
 * @param backend as {@link io.github.lotus4j.LotusBuilder#backend} has it
 * @param threads of the model, which all tasks of the executor share
 */
record Placement(String backend, int threads) {
    private static final Pattern LOCAL = Pattern.compile("local\\[([0-9]+|\\*)(,.*)?]");
    private static final Pattern LOCAL_CLUSTER = Pattern.compile("local-cluster\\[\\s*[0-9]+\\s*,\\s*([0-9]+)\\s*,.*]");

    /** Of a task that runs in this executor. */
    static Placement of(String backend, TaskContext task) {
        SparkConf conf = SparkEnv.get().conf();
        int configured = conf.getInt("spark.executor.cores", 0);
        int cores = cores(
                conf.get("spark.master", ""),
                configured > 0 ? OptionalInt.of(configured) : OptionalInt.empty(),
                Runtime.getRuntime().availableProcessors());
        Map<String, ResourceInformation> resources = task.resourcesJMap();
        ResourceInformation gpu = resources.get("gpu");
        List<String> addresses = gpu == null ? List.of() : List.of(gpu.addresses());
        return new Placement(backend(backend, addresses), threads(cores, task.cpus()));
    }

    /** The executor's cores: what was configured, or what the master says, or, of a standalone worker, all there are. */
    static int cores(String master, OptionalInt executorCores, int processors) {
        if (master.equals("local")) {
            return 1;
        }
        Matcher local = LOCAL.matcher(master);
        if (local.matches()) {
            return local.group(1).equals("*") ? processors : Integer.parseInt(local.group(1));
        }
        if (executorCores.isPresent()) {
            return executorCores.getAsInt();
        }
        Matcher cluster = LOCAL_CLUSTER.matcher(master);
        if (cluster.matches()) {
            return Integer.parseInt(cluster.group(1));
        }
        return master.startsWith("yarn") || master.startsWith("k8s") ? 1 : processors; // their default is one
    }

    /**
     * Threads of a model, its caller's included: each of the tasks that run at the same time calls with a thread of its own, and those
     * that they share are as many as make up the cores that all of these tasks were given.
     */
    static int threads(int cores, int coresOfTask) {
        int tasks = Math.max(1, cores / Math.max(1, coresOfTask));
        return Math.clamp(1 + (long) tasks * (coresOfTask - 1), 1, BackendSettings.MOST_THREADS);
    }

    /**
     * The device that Spark gave the task, where it gave one and the settings leave open which.
     *
     * @param asked {@code auto}, {@code cpu}, {@code cuda}, {@code cuda:bf16}, {@code cuda:1}
     * @param gpus the addresses of the task's resource {@code gpu}
     */
    static String backend(String asked, List<String> gpus) {
        String[] parts = asked.split(":", 2);
        boolean open = asked.equals("auto") || parts[0].equals("cuda");
        if (gpus.isEmpty() || !open) {
            return asked;
        }
        String options = parts.length > 1 ? parts[1] : "";
        if (!options.isEmpty() && Character.isDigit(options.charAt(0))) {
            return asked; // the user has chosen
        }
        String address = gpus.getFirst();
        if (!address.matches("[0-9]{1,4}")) {
            throw new LotusException("the address of the task's GPU: found \"" + address
                    + "\", expected its index, such as 0;" + " see spark.executor.resource.gpu.discoveryScript");
        }
        return "cuda:" + address + (options.isEmpty() ? "" : "," + options);
    }
}
