/* Where the shape is looked at from: a camera on a sphere around a point that it looks at. */

const STEEPEST = 1.55; // radians: from straight above, left and right would be lost

class OrbitCamera {
    /** @param data the shape; all of what its own camera sees is to be seen from there */
    constructor(data) {
        const [fx, fy, cx, cy] = data.lens;
        this.tangentX = Math.max(cx, data.width - cx) / fx;
        this.tangentY = Math.max(cy, data.height - cy) / fy;
        this.middle = data.middle;
        this.extent = data.farthest * Math.hypot(1, this.tangentX, this.tangentY);
        this.reset();
    }

    /** A little to the side of the photographer, so that near things move before far ones. */
    reset() {
        this.yaw = 0.3;
        this.pitch = 0.15;
        this.distance = 1.1 * this.middle;
        this.target = [0, 0, -this.middle];
    }

    /** By radians: to the right, and up. */
    turn(right, up) {
        this.yaw += right;
        this.pitch = Math.min(Math.max(this.pitch + up, -STEEPEST), STEEPEST);
    }

    /** Moves the shape, by shares of the picture's height: to the right, and up. */
    move(right, up, aspect) {
        const height = 2 * this.distance * this.#tangent(aspect);
        const axes = this.#axes();
        this.target = this.target.map((each, i) => each - height * (right * axes.right[i] + up * axes.up[i]));
    }

    /** Nearer by a factor. */
    zoom(factor) {
        this.distance = Math.min(Math.max(this.distance / factor, this.middle / 50), 20 * this.extent);
    }

    /** Of half the picture's height: as much as it takes to see the photograph's width and height. */
    #tangent(aspect) {
        return Math.max(this.tangentY, this.tangentX / aspect);
    }

    #axes() {
        const [sinYaw, cosYaw, sinPitch, cosPitch] = [
            Math.sin(this.yaw),
            Math.cos(this.yaw),
            Math.sin(this.pitch),
            Math.cos(this.pitch),
        ];
        return {
            right: [cosYaw, 0, -sinYaw],
            up: [-sinPitch * sinYaw, cosPitch, -sinPitch * cosYaw],
            back: [sinYaw * cosPitch, sinPitch, cosYaw * cosPitch],
        };
    }

    /** From the world to the picture, column by column, as OpenGL has it. */
    matrix(aspect) {
        const { right, up, back } = this.#axes();
        const eye = this.target.map((each, i) => each + this.distance * back[i]);
        const dot = (axis) => axis[0] * eye[0] + axis[1] * eye[1] + axis[2] * eye[2];
        const tangent = this.#tangent(aspect);
        const near = this.distance / 100;
        const far = Math.hypot(...eye) + this.extent;
        const scale = (far + near) / (near - far);
        const rows = [
            [...right, -dot(right)].map((each) => each / (tangent * aspect)),
            [...up, -dot(up)].map((each) => each / tangent),
            [...back, -dot(back)].map((each, i) => each * scale + (i === 3 ? (2 * far * near) / (near - far) : 0)),
            [...back, -dot(back)].map((each) => -each),
        ];
        return new Float32Array([0, 1, 2, 3].flatMap((column) => rows.map((row) => row[column])));
    }
}
