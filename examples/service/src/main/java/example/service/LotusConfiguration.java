package example.service;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.hub.HubCache;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

@Configuration
class LotusConfiguration {
    /** Loaded once, used by all requests, closed with the context, which waits for predictions that run. */
    @Bean(destroyMethod = "close")
    Lotus lotus(LotusProperties properties) {
        LotusBuilder builder = Lotus.builder().backend(properties.backend());
        if (properties.threads() > 0) {
            builder.threads(properties.threads());
        }
        if (properties.checkpoint().isEmpty()) {
            builder.nanoDepth();
        } else {
            builder.checkpoint(HubCache.fromEnvironment().locate(properties.checkpoint()));
        }
        return builder.build();
    }

    /** Where predictions run: never on the threads that serve connections, and so many at once. */
    @Bean(destroyMethod = "dispose")
    Scheduler predictionThreads(LotusProperties properties) {
        return Schedulers.newBoundedElastic(properties.concurrent(), Integer.MAX_VALUE, "prediction");
    }
}
