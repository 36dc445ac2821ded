/* The shape as it lies in the page; PackedShape.java says how it is packed. */

/** The triangle that leaves out a corner: 0 upper left, 1 upper right, 2 lower left, 3 lower right; front toward the camera. */
const TRIANGLES = [
    [1, 2, 3],
    [0, 2, 3],
    [0, 3, 1],
    [0, 2, 1],
];

/** Codes of depth: 0 is unknown, the others are steps of its logarithm. */
const LARGEST_CODE = 65535;

function bytesOf(base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) {
        bytes[i] = text.charCodeAt(i);
    }
    return bytes;
}

async function inflated(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A grid of pixels with depth, the camera that sees them, and the triangles between them. */
class ShapeData {
    static async read(element) {
        return new ShapeData(element.dataset, await inflated(bytesOf(element.textContent)));
    }

    constructor(numbers, bytes) {
        this.width = Number(numbers.width);
        this.height = Number(numbers.height);
        this.nearest = Number(numbers.nearest);
        this.farthest = Number(numbers.farthest);
        this.lens = [numbers.fx, numbers.fy, numbers.cx, numbers.cy].map(Number);
        const pixels = this.width * this.height;
        this.#readDepth(bytes.subarray(0, pixels), bytes.subarray(pixels, 2 * pixels));
        this.corners = this.#corners(bytes.subarray(2 * pixels));
    }

    /** Depth of each pixel, 0 where it is not known; and the geometric mean of what is known, about which the shape turns. */
    #readDepth(high, low) {
        const step = Math.log(this.farthest / this.nearest) / (LARGEST_CODE - 1);
        this.depth = new Float32Array(high.length);
        let code = 0;
        let sum = 0;
        let known = 0;
        for (let i = 0; i < high.length; i++) {
            code = (code + 256 * high[i] + low[i]) & LARGEST_CODE; // differences are packed
            if (code > 0) {
                this.depth[i] = this.nearest * Math.exp(step * (code - 1));
                sum += code - 1;
                known++;
            }
        }
        this.middle = this.nearest * Math.exp((step * sum) / known);
    }

    /** Numbers of pixels, three for each triangle. */
    #corners(quads) {
        let count = 0;
        for (const quad of quads) {
            count += 3 * ((quad & 1) + ((quad >> 1) & 1) + ((quad >> 2) & 1) + (quad >> 3));
        }
        const corners = new Uint32Array(count);
        const columns = this.width - 1;
        let at = 0;
        quads.forEach((quad, i) => {
            const upper = i + Math.floor(i / columns);
            for (let leftOut = 0; quad >> leftOut; leftOut++) {
                if ((quad >> leftOut) & 1) {
                    for (const corner of TRIANGLES[leftOut]) {
                        corners[at++] = upper + (corner & 1) + (corner >> 1) * this.width;
                    }
                }
            }
        });
        return corners;
    }

    /** 1 / depth, from 0 at the farthest pixel to 1 at the nearest. */
    nearness(depth) {
        const least = 1 / this.farthest;
        const range = 1 / this.nearest - least;
        return range > 0 ? (1 / depth - least) / range : 1;
    }
}
