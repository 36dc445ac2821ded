package example.service;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param checkpoint a folder, or a name as {@code lotus fetch} has it; empty for the miniature
 * @param backend {@code auto}, {@code cpu} or, with lotus-cuda, {@code cuda}
 * @param threads that compute; 0 for one a processor
 * @param concurrent predictions at the same time: they share the threads, and each takes memory of its own
 * @param waiting uploads that may wait for their turn; more are refused
 * @param processingResolution longer edge that images are brought to, in pixels; 0 for the checkpoint's own
 */
@ConfigurationProperties("lotus")
public record LotusProperties(
        @DefaultValue("") String checkpoint,
        @DefaultValue("auto") String backend,
        @DefaultValue("0") int threads,
        @DefaultValue("1") int concurrent,
        @DefaultValue("8") int waiting,
        @DefaultValue("0") int processingResolution) {

    String model() {
        return checkpoint.isEmpty() ? "nano" : checkpoint;
    }
}
