package io.github.lotus4j.output;

import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.Camera;
import io.github.lotus4j.geometry.DepthView;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What one camera sees as a page in one file, which a browser opens from disk and which asks for nothing from elsewhere: the mesh, to
 * be turned, in the colours of the photograph, of its depth (by 1 / depth) or of the normals (predicted ones, else the
 * mesh's own), and the photograph beside depth and normals with a line to be moved between them. It needs WebGL 2. A page of a
 * photograph of 768×576 pixels has 1 to 3 MB; of larger ones, a mesh of at most 1,048,576 points and pictures of at most 2048 pixels
 * on the longer edge are kept. A file is there as a whole or not at all, and replaces an older one of its name.
 */
public final class ViewerPage {
    /** Of a mesh: more take seconds to load, and most screens have no more pixels. */
    static final int MOST_POINTS = 1 << 20;

    /** Of a picture, in pixels: as large a texture as every WebGL 2 takes. */
    static final int LONGEST_EDGE = 2048;

    /** In the order in which they need each other. */
    private static final List<String> SCRIPTS =
            List.of("shape-data.js", "orbit-camera.js", "gestures.js", "shape-view.js", "compare.js", "page.js");

    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

    private ViewerPage() {}

    /**
     * @param target a name that ends in .html
     * @param image what the page calls the photograph, as its file's name; any text
     * @param kind what is shown of it, in a word; any text
     * @param view with colours, which are the photograph; torn where depth grows by more than {@link DepthView#DEFAULT_EDGE}; of a
     *     larger one than a page holds, as many pixels are taken as {@link DepthView#resized} leaves
     * @throws OutputException if it cannot be written
     * @throws LotusException if the view has no colours, or no pixel of known depth
     */
    public static void write(Path target, String image, String kind, DepthView view) {
        write(target, image, kind, view, ColourMap.SPECTRAL);
    }

    /**
     * As {@link #write(Path, String, String, DepthView)}, with these colours of depth.
     *
     * @throws OutputException if it cannot be written
     * @throws LotusException if the view has no colours, or no pixel of known depth
     */
    public static void write(Path target, String image, String kind, DepthView view, ColourMap colours) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(view, "view");
        Objects.requireNonNull(colours, "colours");
        NewFile.write(target, page(image, kind, view, colours));
    }

    /**
     * The page, packed but for its text.
     *
     * @throws LotusException as {@link #write}
     */
    static FileContent page(String image, String kind, DepthView view, ColourMap colours) {
        RgbImage photograph = view.colours()
                .orElseThrow(() -> new LotusException("html: found a view without colours, expected a photograph's"));
        DepthView shown = limited(view);
        PackedShape shape = PackedShape.of(shown);
        return out -> {
            Map<String, String> values = new HashMap<>();
            values.put("image", escaped(image));
            values.put("kind", escaped(kind));
            values.put("width", Integer.toString(photograph.width()));
            values.put("height", Integer.toString(photograph.height()));
            values.put("photograph", base64(PagePicture.jpeg(photograph, LONGEST_EDGE)));
            values.put(
                    "normals",
                    shown.normals().isEmpty() ? "" : picture(shown.normals().orElseThrow()));
            describe(values, shape, shown.camera());
            describe(values, colours);
            describe(values, Metadata.of(view));
            addCode(values);
            out.write(filled(resource("page.html"), values).getBytes(StandardCharsets.UTF_8));
        };
    }

    /** The view, with no more pixels than a page can have. */
    private static DepthView limited(DepthView view) {
        int width = view.depth().width();
        int height = view.depth().height();
        double scale = Math.min(
                Math.sqrt((double) MOST_POINTS / width / height), (double) LONGEST_EDGE / Math.max(width, height));
        return scale >= 1
                ? view
                : view.resized(Math.max(1, (int) (width * scale)), Math.max(1, (int) (height * scale)));
    }

    private static void describe(Map<String, String> values, PackedShape shape, Camera camera) {
        values.put("columns", Integer.toString(shape.width()));
        values.put("rows", Integer.toString(shape.height()));
        values.put("triangles", Integer.toString(shape.triangles()));
        values.put("nearest", Float.toString(shape.nearest()));
        values.put("farthest", Float.toString(shape.farthest()));
        values.put("fx", Double.toString(camera.fx()));
        values.put("fy", Double.toString(camera.fy()));
        values.put("cx", Double.toString(camera.cx()));
        values.put("cy", Double.toString(camera.cy()));
        values.put("shape", base64(shape.bytes()));
    }

    private static void describe(Map<String, String> values, ColourMap colours) {
        values.put("palette", base64(colours.fromNearToFar()));
        values.put("near", colours.near());
        values.put("far", colours.far());
    }

    private static void describe(Map<String, String> values, Metadata metadata) {
        values.put("software", escaped(metadata.software()));
        values.put(
                "metadata",
                metadata.entries().entrySet().stream()
                        .map(each -> "<meta name=\"lotus:%s\" content=\"%s\">"
                                .formatted(escaped(each.getKey()), escaped(each.getValue())))
                        .collect(Collectors.joining("\n")));
    }

    private static String picture(NormalMap normals) throws IOException {
        return "<img class=\"over\" id=\"normals\" alt=\"Its surface normals\" src=\"data:image/png;base64,%s\" hidden>"
                .formatted(base64(PagePicture.png(normals)));
    }

    /** The scripts, which see nothing of each other's names outside, and what the page's policy knows them by. */
    private static void addCode(Map<String, String> values) throws IOException {
        StringBuilder script = new StringBuilder("\"use strict\";\n(() => {\n");
        for (String each : SCRIPTS) {
            script.append(resource(each));
        }
        script.append("})();\n");
        String style = resource("page.css");
        values.put("script", script.toString());
        values.put("scriptHash", base64(sha256(script.toString())));
        values.put("style", style);
        values.put("styleHash", base64(sha256(style)));
    }

    /** What is put in is not looked at again: a name that looks like a place is a name. */
    private static String filled(String page, Map<String, String> values) {
        return PLACE.matcher(page).replaceAll(place -> Matcher.quoteReplacement(value(values, place.group(1))));
    }

    private static String value(Map<String, String> values, String place) {
        String value = values.get(place);
        if (value == null) {
            throw new IllegalStateException("viewer: nothing for the place " + place);
        }
        return value;
    }

    /** Text as it may stand between tags, and in attributes. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A text of this package, with the line ends that a browser sees, whoever checked it out. */
    private static String resource(String name) throws IOException {
        try (InputStream in = ViewerPage.class.getResourceAsStream("viewer/" + name)) {
            if (in == null) {
                throw new FileNotFoundException("the library's own viewer/" + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        }
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
