package io.github.lotus4j.hub;

import static io.github.lotus4j.hub.LocalHub.address;
import static io.github.lotus4j.hub.LocalHub.listing;
import static io.github.lotus4j.hub.LocalHub.status;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the hub leads to, and who sees the token on the way. */
@Timeout(60)
class HubRedirectTest extends HubCase {
    @Test
    void theTokenIsForTheHubAlone() throws IOException {
        environment.put("HF_TOKEN", LocalHub.TOKEN + "\n");
        hub.requiredToken = LocalHub.TOKEN;
        assertFetched(fetch());
        assertThat(hub.requests.stream().filter(each -> each.host().equals("hub")))
                .isNotEmpty()
                .allMatch(each ->
                        ("Bearer " + LocalHub.TOKEN).equals(each.headers().get("Authorization")));
        assertThat(hub.requests.stream().filter(each -> each.host().equals("store")))
                .isNotEmpty()
                .allMatch(each -> each.headers().values().stream().noneMatch(value -> value.contains(LocalHub.TOKEN)));
        assertThat(HubSettings.of(environment, folder).toString()).doesNotContain(LocalHub.TOKEN);
    }

    @Test
    void aWrongTokenIsNotShown() throws IOException {
        environment.put("HF_TOKEN", LocalHub.TOKEN);
        hub.requiredToken = "another";
        failed("401", "HF_TOKEN");
    }

    @Test
    void redirectsEndSomewhere() throws IOException {
        LocalHub.Fault around =
                exchange -> status(307, "Location", address(CONFIG)).answer(exchange);
        for (int i = 0; i < 11; i++) {
            hub.next("HEAD", address(CONFIG), around);
        }
        failed(CONFIG, "redirects more than 10 times");
        hub.next("HEAD", address(CONFIG), status(302, "Location", "file:///etc/passwd"));
        failed(CONFIG, "redirects to something else");
        hub.next("HEAD", address(CONFIG), status(302));
        failed(CONFIG, "redirects to something else");
    }

    @Test
    void aRenamedRepositoryIsFollowed() throws IOException {
        hub.next("HEAD", address(CONFIG), status(307, "Location", address(CONFIG)));
        hub.next("GET", listing(), status(301, "Location", listing()));
        assertFetched(fetch());
    }

    /** Whoever it came by could have chosen the address. */
    @Test
    void whoComesBackToTheHubBringsNoToken() throws IOException {
        environment.put("HF_TOKEN", LocalHub.TOKEN);
        hub.requiredToken = LocalHub.TOKEN;
        LocalHub.Fault back = status(302, "Location", hub.endpoint() + address(UNET));
        hub.next("GET", "/" + UNET, back, back, back, back);
        failed(UNET, "401", "for the hub alone");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aStoreThatRefusesIsNotTheHub(int refusal) throws IOException {
        environment.put("HF_TOKEN", LocalHub.TOKEN);
        LocalHub.Fault refuses = status(refusal);
        hub.next("GET", "/" + UNET, refuses, refuses, refuses, refuses);
        failed(UNET, String.valueOf(refusal), "for the hub alone");
    }
}
