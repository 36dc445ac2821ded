package io.github.lotus4j.cli.plan;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is told of a plan.
 *
 * @param backend that predicts here
 */
public record PlanReport(Workload workload, String backend, Calibration calibration, List<PlannedSetting> settings) {
    private static final double GIGA = 1e9;

    /** For people: what was measured, the formula, and a table, a row a setting. */
    public void print(PrintWriter out) {
        told(out);
        out.println();
        out.printf(
                Locale.ROOT,
                "%,d images of %s pixels (height × width), %s%s%n",
                workload.images(),
                workload.image(),
                workload.machines() == 1 ? "1 machine" : workload.machines() + " machines with a process each",
                workload.price().isPresent()
                        ? ", " + Figures.grouped(workload.price().getAsDouble()) + " a machine and hour"
                        : "");
        aligned(table()).forEach(out::println);
        out.println();
        out.println("s/image is a prediction with its resizing. Images are read, and results written, beside the next");
        out.println(
                "prediction; that, and loading the checkpoint, are not in it. Memory is what a process needs, weights included,");
        out.println(
                "which lie outside of Java's heap; Java takes more for garbage where it finds more, unless -Xmx limits");
        out.println("the heap.");
    }

    private void told(PrintWriter out) {
        Speed speed = calibration.speed();
        String overhead = Figures.plain(speed.overhead());
        String throughput = Figures.plain(speed.throughput() / GIGA);
        if (calibration.fitted().isEmpty()) {
            out.println("not measured, but with a speed that was given:");
        } else {
            out.println("measured on " + backend + ", medians:");
            calibration.fitted().forEach(each -> out.println("  " + line(each)));
        }
        out.printf("s/image = passes · %s + multiply-adds / %s G%n", overhead, throughput);
        if (!calibration.fitted().isEmpty()) {
            out.println(
                    "  as --throughput " + throughput + " --overhead " + overhead + " this is taken without measuring");
        }
        if (!calibration.checks().isEmpty()) {
            out.println("checked at other sizes:");
            calibration.checks().forEach(each -> out.println("  " + line(each)));
        }
    }

    private String line(Measurement of) {
        return String.format(
                Locale.ROOT,
                "%s at %s, %s G multiply-adds: %s s measured, %s by the formula (%s)",
                of.setting().predicted(),
                of.size(),
                Figures.grouped(of.work() / GIGA),
                Figures.grouped(of.seconds()),
                Figures.grouped(calibration.formula(of)),
                difference(of));
    }

    /** How much more the formula says than was measured. */
    private String difference(Measurement of) {
        long percent = Math.round(100 * (calibration.formula(of) / of.seconds() - 1));
        return percent == 0 ? "the same" : Math.abs(percent) + (percent > 0 ? " % more" : " % less");
    }

    private List<List<String>> table() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "predicts",
                "processed",
                "tile",
                "ensemble",
                "s/image",
                "images/h",
                "hours",
                "memory",
                "weights",
                "cost",
                "time is"));
        for (PlannedSetting each : settings) {
            double seconds = calibration.seconds(each);
            int tile = each.setting().tile();
            rows.add(List.of(
                    each.setting().predicted().toString(),
                    each.size().toString(),
                    tile == 0 ? "-" : Integer.toString(tile),
                    Integer.toString(each.setting().ensemble()),
                    Figures.grouped(seconds),
                    Figures.grouped(workload.imagesAnHour(seconds)),
                    Figures.grouped(workload.hours(seconds)),
                    Figures.grouped(each.memory() / GIGA) + " GB",
                    Figures.grouped(each.weights() / GIGA) + " GB",
                    workload.price().isPresent()
                            ? Figures.grouped(workload.cost(seconds).getAsDouble())
                            : "",
                    calibration.basis(each).toString()));
        }
        return rows;
    }

    /** Each column as wide as its widest, to the right, but for the first; one with nothing below its head is left out. */
    private static List<String> aligned(List<List<String>> rows) {
        List<Integer> columns = IntStream.range(0, rows.getFirst().size())
                .filter(c -> rows.stream().skip(1).anyMatch(row -> !row.get(c).isEmpty()))
                .boxed()
                .toList();
        return rows.stream()
                .map(row -> columns.stream()
                        .map(c -> {
                            int width = rows.stream()
                                    .mapToInt(each -> each.get(c).length())
                                    .max()
                                    .orElse(1);
                            return String.format(c == 0 ? "%-" + width + "s" : "%" + width + "s", row.get(c));
                        })
                        .collect(Collectors.joining("  ")))
                .toList();
    }

    /** For programs: the same, unrounded; sizes in pixels, memory in bytes. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("images", workload.images());
        json.put("height", workload.image().height());
        json.put("width", workload.image().width());
        json.put("machines", workload.machines());
        workload.price().ifPresent(price -> json.put("price_of_machine_hour", price));
        json.put("backend", backend);
        json.put("overhead_seconds", calibration.speed().overhead());
        json.put("multiply_adds_per_second", calibration.speed().throughput());
        json.put("measured", calibration.fitted().stream().map(this::json).toList());
        json.put("checks", calibration.checks().stream().map(this::json).toList());
        json.put("settings", settings.stream().map(this::json).toList());
        return json;
    }

    private Map<String, Object> json(Measurement of) {
        Map<String, Object> json = json(of.setting(), of.size(), of.work());
        json.put("seconds", of.seconds());
        json.put("seconds_by_formula", calibration.formula(of));
        return json;
    }

    private Map<String, Object> json(PlannedSetting of) {
        double seconds = calibration.seconds(of);
        Map<String, Object> json = json(of.setting(), of.size(), of.plan().work());
        json.put("seconds_an_image", seconds);
        json.put("images_an_hour", workload.imagesAnHour(seconds));
        json.put("hours", workload.hours(seconds));
        json.put("memory_bytes", of.memory());
        json.put("weight_bytes", of.weights());
        workload.cost(seconds).ifPresent(cost -> json.put("cost", cost));
        json.put("time_is", calibration.basis(of).toString());
        return json;
    }

    private static Map<String, Object> json(Setting setting, ImageSize size, long work) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("predicts", setting.predicted().toString());
        json.put("processing_resolution", setting.resolution());
        json.put("processed_height", size.height());
        json.put("processed_width", size.width());
        json.put("vae_tile", setting.tile());
        json.put("ensemble", setting.ensemble());
        json.put("multiply_adds", work);
        return json;
    }
}
