package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;
import java.util.Arrays;

/**
 * Attention with a running maximum and sum: scores of a block of queries and keys live in cache only. Milakov and Gimelshein
 * 2018; Dao et al. 2022.
 *
 * <p>First the keys are packed, transposed, and the values, in panels; then each block of queries walks over the blocks of keys.
 */
final class Attention implements Operator {
    private static final int KEYS_IN_BLOCK = DepthBlocks.LONGEST; // of the weights' product with the values
    /** Whole panels of rows, fewer where heads are large. */
    private static final int QUERIES_IN_BLOCK = 96;

    private final Workspace workspace;
    private final Kernels kernels;
    private final int panelWidth;
    private final HostTensor out;
    private final HostTensor q;
    private final HostTensor k;
    private final HostTensor v;
    private final int heads;
    private final boolean causal;

    private final int size; // of a head
    private final int sizePanels;
    private final int queries;
    private final int keys;
    private final int keyPanels;
    private final DepthBlocks depth; // of the scores' sums, over a head's size
    private final int queriesInBlock;
    private final int queryPanel; // floats of a panel of rows
    private final int weightPanel;
    private final int sums; // of the weights of a query
    private final float scale;
    private final HostTensor packedKeys; // [image, head][key panel][size][panelWidth], scaled
    private final HostTensor packedValues; // [image, head][size panel][key][panelWidth]
    private final HostTensor scratch;
    private final int queryBlocks;
    private final Block[] blocks; // in the hands of each worker
    private final WorkerTeam.Task pack = this::pack;
    private final WorkerTeam.Task attend = this::attend;

    Attention(
            Workspace workspace, HostTensor out, HostTensor q, HostTensor k, HostTensor v, int heads, boolean causal) {
        this.workspace = workspace;
        kernels = workspace.kernels();
        panelWidth = kernels.panelWidth();
        this.out = out;
        this.q = q;
        this.k = k;
        this.v = v;
        this.heads = heads;
        this.causal = causal;
        size = q.shape().c() / heads;
        sizePanels = Math.ceilDiv(size, panelWidth);
        queries = q.shape().h() * q.shape().w();
        keys = k.shape().h() * k.shape().w();
        keyPanels = Math.ceilDiv(keys, panelWidth);
        depth = new DepthBlocks(size);
        queriesInBlock = size <= 128 ? QUERIES_IN_BLOCK : QUERIES_IN_BLOCK / 2;
        queryPanel = kernels.panelStride(size);
        weightPanel = kernels.panelStride(KEYS_IN_BLOCK);
        sums = kernels.segment();
        scale = (float) (1 / Math.sqrt(size));
        int images = k.shape().n() * heads;
        packedKeys = workspace.memory().tensor(new Shape(1, images, keyPanels, size * panelWidth));
        packedValues = workspace.memory().tensor(new Shape(1, images, sizePanels * keys, panelWidth));
        int perWorker = queriesInBlock / kernels.panelRows() * (queryPanel + weightPanel)
                + queriesInBlock * (KEYS_IN_BLOCK + sizePanels * panelWidth + 1 + sums);
        scratch = workspace.memory().tensor(new Shape(1, 1, workspace.threads(), perWorker));
        queryBlocks = Math.ceilDiv(queries, queriesInBlock);
        blocks = new Block[workspace.threads()];
        Arrays.setAll(blocks, Block::new);
    }

    @Override
    public void run() {
        workspace.parallel(k.shape().n() * heads * keyPanels, pack);
        workspace.parallel(q.shape().n() * heads * queryBlocks, attend);
    }

    private void pack(int item, int worker) {
        packKeys(item / keyPanels, item % keyPanels);
        packValues(item / keyPanels, item % keyPanels);
    }

    private void attend(int item, int worker) {
        int image = item / (heads * queryBlocks);
        blocks[worker].compute(image, item / queryBlocks % heads, item % queryBlocks * queriesInBlock);
    }

    private void packKeys(int imageHead, int panel) {
        int to = packedKeys.at(imageHead * keyPanels + panel);
        int first = imageHead / heads * keys + panel * panelWidth;
        int count = Math.min(panelWidth, keys - panel * panelWidth);
        float[] packed = packedKeys.data();
        if (count < panelWidth) {
            Arrays.fill(packed, to, to + size * panelWidth, 0f);
        }
        for (int key = 0; key < count; key++) {
            int from = k.at(first + key) + imageHead % heads * size;
            for (int i = 0; i < size; i++) {
                packed[to + i * panelWidth + key] = k.data()[from + i] * scale;
            }
        }
    }

    private void packValues(int imageHead, int panel) {
        int first = panel * panelWidth;
        int end = Math.min(first + panelWidth, keys);
        for (int key = first; key < end; key++) {
            int from = v.at(imageHead / heads * keys + key) + imageHead % heads * size;
            for (int p = 0; p < sizePanels; p++) {
                int to = packedValues.at((imageHead * sizePanels + p) * keys + key);
                int count = Math.min(panelWidth, size - p * panelWidth);
                System.arraycopy(v.data(), from + p * panelWidth, packedValues.data(), to, count);
                Arrays.fill(packedValues.data(), to + count, to + panelWidth, 0f);
            }
        }
    }

    /** A block of queries of one head in the hands of one worker, one after the other. */
    private final class Block {
        private final float[] data = scratch.data();
        private final int queryAt; // in panels of rows
        private final int scoresAt; // [query][key]
        private final int weightsAt; // the same in panels of rows
        private final int resultAt; // [query][channel]
        private final int sumsAt; // [query][sum]
        private final int maximaAt;
        private int imageHead; // of the keys
        private int head;
        private int firstQuery; // within the image
        private int firstPixel;
        private int rows;

        Block(int worker) {
            queryAt = scratch.at(worker);
            weightsAt = queryAt + queriesInBlock / kernels.panelRows() * queryPanel;
            scoresAt = weightsAt + queriesInBlock / kernels.panelRows() * weightPanel;
            resultAt = scoresAt + queriesInBlock * KEYS_IN_BLOCK;
            sumsAt = resultAt + queriesInBlock * sizePanels * panelWidth;
            maximaAt = sumsAt + queriesInBlock * sums;
        }

        void compute(int image, int ofHead, int from) {
            head = ofHead;
            firstQuery = from;
            imageHead = (k.shape().n() == 1 ? 0 : image) * heads + head;
            firstPixel = image * queries + firstQuery;
            rows = Math.min(queriesInBlock, queries - firstQuery);
            for (int row = 0; row < rows; row++) {
                int at = q.at(firstPixel + row) + head * size;
                kernels.pack(q.data(), at, size, data, queryAt + kernels.ofRow(row, queryPanel));
            }
            Arrays.fill(data, maximaAt, maximaAt + rows, Float.NEGATIVE_INFINITY);
            Arrays.fill(data, sumsAt, sumsAt + rows * sums, 0f);
            Arrays.fill(data, resultAt, resultAt + rows * sizePanels * panelWidth, 0f);
            int end = causal ? Math.min(keys, firstQuery + rows) : keys;
            for (int firstKey = 0; firstKey < end; firstKey += KEYS_IN_BLOCK) {
                workspace.checkCancelled(); // of a large image there are very many keys
                accumulate(firstKey, Math.min(KEYS_IN_BLOCK, end - firstKey));
            }
            for (int row = 0; row < rows; row++) {
                int at = resultAt + row * sizePanels * panelWidth;
                kernels.scale(data, at, size, 1 / total(row));
                System.arraycopy(data, at, out.data(), out.at(firstPixel + row) + head * size, size);
            }
        }

        private float total(int row) {
            float total = 0;
            for (int i = sumsAt + row * sums; i < sumsAt + (row + 1) * sums; i++) {
                total += data[i];
            }
            return total;
        }

        private void accumulate(int firstKey, int count) {
            score(firstKey / panelWidth, Math.ceilDiv(count, panelWidth));
            for (int row = 0; row < rows; row++) {
                softmax(row, causal ? Math.min(count, Math.max(firstQuery + row + 1 - firstKey, 0)) : count, count);
            }
            for (int p = 0; p < sizePanels; p++) {
                int valuesAt = packedValues.at((imageHead * sizePanels + p) * keys + firstKey);
                kernels.multiply(
                        data,
                        weightsAt,
                        weightPanel,
                        packedValues.data(),
                        valuesAt,
                        count,
                        workspace.zeros().data(),
                        0,
                        data,
                        resultAt + p * panelWidth,
                        sizePanels * panelWidth,
                        data,
                        resultAt + p * panelWidth,
                        sizePanels * panelWidth,
                        rows);
            }
        }

        /** Scores of some panels of keys. */
        private void score(int firstPanel, int panels) {
            for (int p = 0; p < panels; p++) {
                int keysAt = packedKeys.at(imageHead * keyPanels + firstPanel + p);
                int to = scoresAt + p * panelWidth;
                for (int block = 0; block < depth.count(); block++) {
                    boolean first = block == 0;
                    kernels.multiply(
                            data,
                            queryAt + kernels.ofColumn(depth.begin(block)),
                            queryPanel,
                            packedKeys.data(),
                            keysAt + depth.begin(block) * panelWidth,
                            depth.depthOf(block),
                            workspace.zeros().data(),
                            0,
                            first ? workspace.zeros().data() : data,
                            first ? 0 : to,
                            first ? 0 : KEYS_IN_BLOCK,
                            data,
                            to,
                            KEYS_IN_BLOCK,
                            rows);
                }
            }
        }

        /**
         * Scores become weights relative to the largest score so far; what was summed before is brought to the same scale.
         *
         * @param seen scores that count; the rest, up to {@code count}, become weights of zero
         */
        private void softmax(int row, int seen, int count) {
            int at = scoresAt + row * KEYS_IN_BLOCK;
            float before = data[maximaAt + row];
            float maximum = Math.max(before, kernels.max(data, at, seen));
            int weights = weightsAt + kernels.ofRow(row, weightPanel);
            int sumsOfRow = sumsAt + row * sums;
            if (maximum > before) {
                float factor = (float) Math.exp(before - maximum);
                kernels.scale(data, resultAt + row * sizePanels * panelWidth, size, factor);
                kernels.scale(data, sumsOfRow, sums, factor);
                data[maximaAt + row] = maximum;
            }
            kernels.exponentials(data, at, seen, maximum, data, weights, data, sumsOfRow);
            for (int key = seen; key < count; key++) {
                data[weights + kernels.ofColumn(key)] = 0;
            }
        }
    }
}
