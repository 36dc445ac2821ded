package io.github.lotus4j.ops;

import io.github.lotus4j.ops.ReferenceBackend.Layer;
import io.github.lotus4j.ops.ReferenceBackend.Normalization;
import io.github.lotus4j.ops.ReferenceBackend.Values;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A run of the {@link ReferenceBackend}. */
final class ReferenceOps extends Ops {
    ReferenceOps(RunListener listener) {
        super(listener);
    }

    @Override
    public Frame frame() {
        return new Frame() {
            @Override
            public Tensor tensor(Shape shape) {
                Values values = Values.of(shape);
                Arrays.fill(values.data(), Double.NaN);
                return values;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public boolean measures() {
        return false;
    }

    @Override
    public long peakBytes() {
        return 0;
    }

    @Override
    public void close() {}

    @Override
    protected void doUpload(Tensor out, float[] values) {
        Values to = (Values) out;
        int channels = to.shape().c();
        for (int i = 0; i < values.length; i++) {
            to.set(i / channels, i % channels, values[i]);
        }
    }

    @Override
    protected float[] doDownload(Tensor in) {
        Values from = (Values) in;
        int channels = from.shape().c();
        float[] values = new float[(int) from.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) from.get(i / channels, i % channels);
        }
        return values;
    }

    @Override
    protected void doUploadImages(Tensor out, byte[] samples, Axis vertical, Axis horizontal) {
        Values to = (Values) out;
        Shape from = to.shape().withSize(vertical.from(), horizontal.from());
        Values values = Values.of(from);
        for (int i = 0; i < samples.length; i++) {
            values.set(i / from.c(), i % from.c(), (samples[i] & 0xff) / 127.5 - 1);
        }
        resize(to, values, vertical, horizontal);
    }

    @Override
    protected float[] doDownloadImages(Tensor in, Axis vertical, Axis horizontal, boolean mean) {
        Values from = (Values) in;
        int averaged = mean ? from.shape().c() : 1;
        Values values = Values.of(from.shape().withChannels(from.shape().c() / averaged));
        for (int pixel = 0; pixel < from.shape().pixels(); pixel++) {
            for (int c = 0; c < values.shape().c(); c++) {
                double sum = 0;
                for (int i = 0; i < averaged; i++) {
                    double value = from.get(pixel, c * averaged + i) / 2 + 0.5;
                    sum += Double.isFinite(value) ? Math.clamp(value, 0.0, 1.0) : Double.NaN;
                }
                values.set(pixel, c, sum / averaged);
            }
        }
        Values to = Values.of(values.shape().withSize(vertical.to(), horizontal.to()));
        resize(to, values, vertical, horizontal);
        return doDownload(to);
    }

    private static void resize(Values out, Values in, Axis vertical, Axis horizontal) {
        Shape to = out.shape();
        for (int pixel = 0; pixel < to.pixels(); pixel++) {
            int n = pixel / (to.h() * to.w());
            int y = pixel / to.w() % to.h();
            int x = pixel % to.w();
            for (int c = 0; c < to.c(); c++) {
                double sum = 0;
                for (int i = 0; i < Math.max(vertical.taps(), 1); i++) {
                    for (int j = 0; j < Math.max(horizontal.taps(), 1); j++) {
                        int row = (n * vertical.from() + source(vertical, y) + i) * horizontal.from();
                        sum += weight(vertical, y, i)
                                * weight(horizontal, x, j)
                                * in.get(row + source(horizontal, x) + j, c);
                    }
                }
                out.set(pixel, c, sum);
            }
        }
    }

    private static int source(Axis axis, int result) {
        return axis.same() ? result : axis.first()[result];
    }

    private static double weight(Axis axis, int result, int tap) {
        return axis.same() ? 1 : axis.weights()[result * axis.taps() + tap];
    }

    @Override
    protected void doConv2d(Tensor out, Input in, Conv2d conv, Epilogue epilogue) {
        Values seen = view(in);
        Values result = convolve(seen, (Layer) conv);
        finish((Values) out, result, epilogue);
    }

    @Override
    protected void doLinear(Tensor out, Input in, Linear linear, Epilogue epilogue) {
        finish((Values) out, convolve(view(in), (Layer) linear), epilogue);
    }

    @Override
    protected void doGeglu(Tensor out, Input in, Linear projection) {
        Values both = convolve(view(in), (Layer) projection);
        Values to = (Values) out;
        int half = to.shape().c();
        for (int pixel = 0; pixel < to.shape().pixels(); pixel++) {
            for (int c = 0; c < half; c++) {
                to.set(pixel, c, both.get(pixel, c) * activate(both.get(pixel, half + c), Activation.GELU));
            }
        }
    }

    private static Values convolve(Values in, Layer layer) {
        Shape shape = in.shape();
        Window window = layer.window();
        int height = window.outHeight(shape.h());
        int width = window.outWidth(shape.w());
        Values out = Values.of(new Shape(shape.n(), height, width, layer.outputs()));
        int kernel = window.kernel();
        for (int n = 0; n < shape.n(); n++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    for (int o = 0; o < layer.outputs(); o++) {
                        double sum = layer.bias()[o];
                        for (int ky = 0; ky < kernel; ky++) {
                            for (int kx = 0; kx < kernel; kx++) {
                                int sourceY = y * window.stride() - window.top() + ky;
                                int sourceX = x * window.stride() - window.left() + kx;
                                if (sourceY < 0 || sourceY >= shape.h() || sourceX < 0 || sourceX >= shape.w()) {
                                    continue;
                                }
                                int pixel = (n * shape.h() + sourceY) * shape.w() + sourceX;
                                for (int c = 0; c < layer.inputs(); c++) {
                                    int weight = ((o * layer.inputs() + c) * kernel + ky) * kernel + kx;
                                    sum += in.get(pixel, c) * layer.weight()[weight];
                                }
                            }
                        }
                        out.set((n * height + y) * width + x, o, sum);
                    }
                }
            }
        }
        return out;
    }

    private static void finish(Values out, Values result, Epilogue epilogue) {
        Values shift = (Values) epilogue.shift();
        Values residual = (Values) epilogue.residual();
        for (int pixel = 0; pixel < out.shape().pixels(); pixel++) {
            for (int c = 0; c < out.shape().c(); c++) {
                double sum = result.get(pixel, c);
                sum += shift == null ? 0 : shift.get(0, c);
                sum += residual == null ? 0 : residual.get(pixel, c);
                out.set(pixel, c, sum);
            }
        }
    }

    @Override
    protected void doAttention(Tensor out, Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
        Values to = (Values) out;
        Shape shape = q.shape();
        int queries = shape.h() * shape.w();
        int keys = k.shape().h() * k.shape().w();
        int size = shape.c() / heads;
        for (int n = 0; n < shape.n(); n++) {
            int firstKey = k.shape().n() == 1 ? 0 : n * keys;
            for (int head = 0; head < heads; head++) {
                for (int i = 0; i < queries; i++) {
                    int seen = causal ? Math.min(i + 1, keys) : keys;
                    double[] weights =
                            softmax(scores((Values) q, n * queries + i, (Values) k, firstKey, seen, head * size, size));
                    for (int c = head * size; c < (head + 1) * size; c++) {
                        double sum = 0;
                        for (int j = 0; j < seen; j++) {
                            sum += weights[j] * ((Values) v).get(firstKey + j, c);
                        }
                        to.set(n * queries + i, c, sum);
                    }
                }
            }
        }
    }

    private static double[] scores(Values q, int query, Values k, int firstKey, int keys, int from, int size) {
        double[] scores = new double[keys];
        for (int j = 0; j < keys; j++) {
            for (int c = from; c < from + size; c++) {
                scores[j] += q.get(query, c) * k.get(firstKey + j, c);
            }
            scores[j] /= Math.sqrt(size);
        }
        return scores;
    }

    private static double[] softmax(double[] scores) {
        double largest = Arrays.stream(scores).max().orElseThrow();
        double[] weights =
                Arrays.stream(scores).map(score -> Math.exp(score - largest)).toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }

    @Override
    protected void doCopy(Tensor out, Input in) {
        finish((Values) out, view(in), Epilogue.NONE);
    }

    @Override
    protected void doCombine(Tensor out, float alpha, Tensor a, float beta, Tensor b) {
        Values to = (Values) out;
        for (int pixel = 0; pixel < to.shape().pixels(); pixel++) {
            for (int c = 0; c < to.shape().c(); c++) {
                to.set(
                        pixel,
                        c,
                        alpha * ((Values) a).get(pixel, c) + (beta == 0 ? 0 : beta * ((Values) b).get(pixel, c)));
            }
        }
    }

    @Override
    protected void doSample(Tensor out, Tensor mean, Tensor logvar, Tensor noise, float scale) {
        Values to = (Values) out;
        for (int pixel = 0; pixel < to.shape().pixels(); pixel++) {
            for (int c = 0; c < to.shape().c(); c++) {
                double deviation = Math.exp(Math.clamp(((Values) logvar).get(pixel, c), -30.0, 20.0) / 2);
                to.set(pixel, c, scale * (((Values) mean).get(pixel, c) + deviation * ((Values) noise).get(pixel, c)));
            }
        }
    }

    /** What an operator sees: concatenated, normalised, activated, resized. */
    private static Values view(Input in) {
        Values joined = joined((Values) in.first(), (Values) in.second());
        if (in.norm() != null) {
            normalize(joined, (Normalization) in.norm());
        }
        Shape from = joined.shape();
        Values seen = Values.of(in.shape());
        for (int n = 0; n < from.n(); n++) {
            for (int y = 0; y < in.height(); y++) {
                for (int x = 0; x < in.width(); x++) {
                    int sourceY = (int) ((long) y * from.h() / in.height());
                    int sourceX = (int) ((long) x * from.w() / in.width());
                    for (int c = 0; c < from.c(); c++) {
                        double value = joined.get((n * from.h() + sourceY) * from.w() + sourceX, c);
                        seen.set((n * in.height() + y) * in.width() + x, c, activate(value, in.activation()));
                    }
                }
            }
        }
        return seen;
    }

    private static Values joined(Values first, @Nullable Values second) {
        int channels = first.shape().c();
        Values joined = Values.of(first.shape()
                .withChannels(channels + (second == null ? 0 : second.shape().c())));
        for (int pixel = 0; pixel < joined.shape().pixels(); pixel++) {
            for (int c = 0; c < joined.shape().c(); c++) {
                double value = second != null && c >= channels ? second.get(pixel, c - channels) : first.get(pixel, c);
                joined.set(pixel, c, value);
            }
        }
        return joined;
    }

    private static void normalize(Values values, Normalization norm) {
        Shape shape = values.shape();
        int pixels = shape.h() * shape.w();
        boolean layer = norm.groups() == 0;
        int size = layer ? shape.c() : shape.c() / norm.groups();
        int span = layer ? 1 : pixels; // pixels that share mean and variance
        for (int first = 0; first < shape.pixels(); first += span) {
            for (int channel = 0; channel < shape.c(); channel += size) {
                double mean = 0;
                for (int i = 0; i < span * size; i++) {
                    mean += values.get(first + i / size, channel + i % size) / (span * size);
                }
                double variance = 0;
                for (int i = 0; i < span * size; i++) {
                    double difference = values.get(first + i / size, channel + i % size) - mean;
                    variance += difference * difference / (span * size);
                }
                for (int i = 0; i < span * size; i++) {
                    int c = channel + i % size;
                    double unit = (values.get(first + i / size, c) - mean) / Math.sqrt(variance + norm.eps());
                    values.set(first + i / size, c, unit * norm.weight()[c] + norm.bias()[c]);
                }
            }
        }
    }

    static double activate(double x, Activation activation) {
        return switch (activation) {
            case NONE -> x;
            case SILU -> x / (1 + Math.exp(-x));
            case GELU -> x * (1 + erf(x / Math.sqrt(2))) / 2;
            case QUICK_GELU -> x / (1 + Math.exp(-1.702 * x));
        };
    }

    /** Abramowitz and Stegun 7.1.6: a series of positive terms. */
    private static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
