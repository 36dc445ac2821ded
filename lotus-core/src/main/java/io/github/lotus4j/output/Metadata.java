package io.github.lotus4j.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.Provenance;
import io.github.lotus4j.geometry.DepthView;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a file says of what is in it: names and values, as text, in an order. What the values mean, then what they were predicted with;
 * no path. Immutable.
 */
public final class Metadata {
    /** Nothing but the software that writes. */
    public static final Metadata NONE = new Metadata(Map.of());

    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final Map<String, String> entries;

    private Metadata(Map<String, String> entries) {
        this.entries = Collections.unmodifiableMap(entries);
    }

    /** Of a map of depth or disparity. */
    public static Metadata of(DepthMap depth) {
        Objects.requireNonNull(depth, "depth");
        boolean disparity = depth.kind() == DepthKind.AFFINE_DISPARITY;
        return NONE.with("kind", disparity ? "affine disparity" : "affine depth")
                .with(
                        "meaning",
                        disparity
                                ? "1 near, 0 far: inverse distance up to an unknown scale and shift"
                                : "0 near, 1 far: distance up to an unknown scale and shift")
                .with("", depth.provenance());
    }

    /** Of a map of normals. */
    public static Metadata of(NormalMap normals) {
        Objects.requireNonNull(normals, "normals");
        return NONE.with("kind", "normals")
                .with("axes", "x to the left, y up, z toward the camera")
                .with("", normals.provenance());
    }

    /** Of a shape, with both predictions where it is made of two. */
    public static Metadata of(DepthView view) {
        Objects.requireNonNull(view, "view");
        Optional<Provenance> depth = view.depth().provenance();
        Optional<Provenance> normals = view.normals().flatMap(NormalMap::provenance);
        boolean both = depth.isPresent() && normals.isPresent();
        String source = both ? "depth and normals" : depth.isPresent() ? "depth" : normals.isPresent() ? "normals" : "";
        double degrees = view.camera().horizontalFieldOfView();
        Metadata shape = NONE.with("kind", "shape")
                .with("horizontal_field_of_view", String.format(Locale.ROOT, "%.1f degrees", degrees));
        return (source.isEmpty() ? shape : shape.with("predicted", source))
                .with(both ? "depth_" : "", depth)
                .with(both ? "normals_" : "", normals);
    }

    /** The same with another entry at its end, or with this value where there is one of the name. */
    Metadata with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(entries);
        more.put(name, value);
        return new Metadata(more);
    }

    private Metadata with(String prefix, Optional<Provenance> source) {
        if (source.isEmpty()) {
            return this;
        }
        Provenance found = source.get();
        Map<String, String> more = new LinkedHashMap<>(entries);
        more.put(prefix + "checkpoint", found.checkpoint());
        more.put(prefix + "checkpoint_fingerprint", found.fingerprint());
        more.put(prefix + "processing_size", found.width() + "x" + found.height());
        found.seed().ifPresent(seed -> more.put(prefix + "seed", Long.toString(seed)));
        if (found.seed().isPresent()) {
            more.put(prefix + "steps", Integer.toString(found.steps()));
            more.put(prefix + "ensemble", Integer.toString(found.ensemble()));
        }
        found.latentSampleSeed().ifPresent(seed -> more.put(prefix + "latent_sample_seed", Long.toString(seed)));
        found.vaeTile().ifPresent(pixels -> more.put(prefix + "vae_tile", Integer.toString(pixels)));
        found.frameWeight().ifPresent(weight -> more.put(prefix + "frame_weight", Double.toString(weight)));
        return new Metadata(more);
    }

    /** What wrote the file, and its version. */
    public String software() {
        return "Lotus for Java " + Lotus.version();
    }

    /** Names of lower-case letters and {@code _}, and their values, without {@link #software()}. */
    public Map<String, String> entries() {
        return entries;
    }

    /** A JSON object of {@code software} and all entries, their values as strings, in ASCII. */
    public String json() {
        return json(json -> {
            json.writeStartObject();
            json.writeStringField("software", software());
            for (Map.Entry<String, String> each : entries.entrySet()) {
                json.writeStringField(each.getKey(), each.getValue());
            }
            json.writeEndObject();
        });
    }

    @FunctionalInterface
    private interface Content {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private static String json(Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            content.writeTo(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of text in memory: never seen
        }
        return text.toString();
    }

    /** {@code name: value} of the software and of each entry, for comments: in ASCII, without line ends, escaped as JSON does. */
    List<String> lines() {
        List<String> lines = new ArrayList<>(List.of("software: " + software()));
        entries.forEach((name, value) -> {
            String quoted = json(json -> json.writeString(value));
            lines.add(name + ": " + quoted.substring(1, quoted.length() - 1));
        });
        return lines;
    }

    @Override
    public String toString() {
        return json();
    }
}
