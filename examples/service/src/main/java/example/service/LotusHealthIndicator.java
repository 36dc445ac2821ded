package example.service;

import io.github.lotus4j.Lotus;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** What /actuator/health says of the model. It is there once the model is loaded: before, nothing is served. */
@Component
class LotusHealthIndicator implements HealthIndicator {
    private final Lotus lotus;
    private final LotusProperties properties;

    LotusHealthIndicator(Lotus lotus, LotusProperties properties) {
        this.lotus = lotus;
        this.properties = properties;
    }

    @Override
    public Health health() {
        return Health.up()
                .withDetail("model", properties.model())
                .withDetail("backend", lotus.backend()) // and its threads
                .withDetail("weightBytes", lotus.weightBytes())
                .build();
    }
}
