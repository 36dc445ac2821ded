package io.github.lotus4j.cuda;

import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parts of predictions as CUDA graphs, by what they depend on: launching one takes the host microseconds, where putting its
 * thousand kernels on the stream takes milliseconds. They hold addresses, so they live no longer than the memory of their runs.
 * Not thread-safe.
 */
final class Recordings implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recordings.class);

    /** Parts that are in use in turns, three of a sequence of frames; each graph takes some megabytes. */
    private static final int MOST = 6;

    private final Device device;
    private final CUstream stream;
    private boolean stuck;
    private final Map<Object, Recording> recordings = new LinkedHashMap<>(MOST, 0.75f, true);

    Recordings(Device device, CUstream stream) {
        this.device = device;
        this.stream = stream;
    }

    /** A part that has run at least once. */
    private static final class Recording {
        private @Nullable CUgraphExec graph;
        private boolean impossible;
    }

    /**
     * Runs a part: the first time as it is, since libraries load their kernels then, which cannot be recorded; the second time
     * recording it; then from the recording.
     *
     * @param recorded the same as {@code part} without the code of users, which could do what ends a recording
     */
    void run(Object key, Runnable part, Runnable recorded) {
        Recording known = recordings.get(key);
        if (known == null) {
            part.run();
            add(key);
            return;
        }
        if (known.graph == null && !known.impossible) {
            known.graph = record(recorded);
            known.impossible = known.graph == null;
        }
        if (known.graph == null) {
            part.run();
        } else {
            device.check(JCudaDriver.cuGraphLaunch(known.graph, stream), "cuGraphLaunch");
        }
    }

    /** Whether a recording could not be ended: nothing can be done on the stream any more. */
    boolean stuck() {
        return stuck;
    }

    private void add(Object key) {
        if (recordings.size() == MOST) {
            Object oldest = recordings.keySet().iterator().next();
            release(recordings.remove(oldest));
        }
        recordings.put(key, new Recording());
    }

    /** What a part puts on the stream; none where this device or its libraries cannot record it. */
    private @Nullable CUgraphExec record(Runnable part) {
        CUgraph graph = new CUgraph();
        boolean captured = false;
        try {
            int mode = CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;
            device.check(JCudaDriver.cuStreamBeginCapture(stream, mode), "cuStreamBeginCapture");
            try {
                part.run();
            } finally {
                int status = JCudaDriver.cuStreamEndCapture(stream, graph);
                captured = status == Status.SUCCESS;
                stuck = status == CUresult.CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
            }
            if (!captured) {
                LOG.warn("{}: a prediction could not be recorded; it is put together anew each time", device.name());
                return null;
            }
            CUgraphExec executable = new CUgraphExec();
            device.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
            return executable;
        } catch (CudaException e) {
            device.requireWorking();
            LOG.warn("a prediction could not be recorded; it is put together anew each time: {}", e.getMessage());
            return null;
        } finally {
            if (captured) {
                JCudaDriver.cuGraphDestroy(graph);
            }
        }
    }

    private static void release(@Nullable Recording recording) {
        if (recording != null && recording.graph != null) {
            JCudaDriver.cuGraphExecDestroy(recording.graph);
        }
    }

    @Override
    public void close() {
        recordings.values().forEach(Recordings::release);
        recordings.clear();
    }
}
