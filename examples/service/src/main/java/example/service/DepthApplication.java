package example.service;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Depth of images that are posted to it. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class DepthApplication {
    public static void main(String[] args) {
        SpringApplication.run(DepthApplication.class, args);
    }
}
