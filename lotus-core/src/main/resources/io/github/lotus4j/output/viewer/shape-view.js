/* The shape on the GPU, by WebGL 2. A vertex holds its depth alone: where its pixel looks follows from its number. */

const VERTEX_SHADER = `#version 300 es
precision highp float;
precision highp int;
uniform mat4 toPicture;
uniform ivec2 size;
uniform vec4 lens; // fx, fy, cx, cy, in pixels
in float depth;
out vec3 point; // x to the right, y up, z toward the viewer
out vec2 place; // in the photograph, from its upper left corner

void main() {
    vec2 pixel = vec2(gl_VertexID % size.x, gl_VertexID / size.x) + 0.5;
    point = depth * vec3((pixel - lens.zw) / lens.xy * vec2(1, -1), -1);
    place = pixel / vec2(size);
    gl_Position = toPicture * vec4(point, 1);
}`;

const FRAGMENT_SHADER = `#version 300 es
precision highp float;
precision highp int;
const int PHOTOGRAPH = 0, DEPTH = 1;
uniform int colours;
uniform bool normalsKnown;
uniform vec2 range; // the nearest and the farthest depth
uniform sampler2D photograph, palette, normals;
in vec3 point;
in vec2 place;
out vec4 colour;

vec3 ofDepth() {
    float near = 1.0 / range.x;
    float far = 1.0 / range.y;
    float nearness = near > far ? (-1.0 / point.z - far) / (near - far) : 1.0;
    return texture(palette, vec2(1.0 - nearness, 0.5)).rgb;
}

vec3 ofNormal() {
    if (normalsKnown) {
        return texture(normals, place).rgb;
    }
    vec3 normal = normalize(cross(dFdx(point), dFdy(point))); // of the triangle, toward who looks at it
    normal *= dot(normal, point) > 0.0 ? -1.0 : 1.0; // toward the photographer
    return (vec3(-normal.x, normal.yz) + 1.0) / 2.0; // red is to the left, as predictions have it
}

void main() {
    colour.rgb = colours == PHOTOGRAPH ? texture(photograph, place).rgb : colours == DEPTH ? ofDepth() : ofNormal();
    colour.a = 1.0;
}`;

const COLOURS = ["photograph", "depth", "normals"]; // by their numbers in the shader
const SHARPEST = 2; // pixels of the canvas for one of the page, at most

class ShapeView {
    #canvas;
    #gl;
    #data;
    #uniforms;

    /**
     * @param pictures photograph and palette, and normals if there are: what WebGL takes as a texture
     * @throws Error if the browser cannot draw it
     */
    constructor(canvas, data, pictures) {
        this.#canvas = canvas;
        this.#data = data;
        this.#gl = canvas.getContext("webgl2");
        if (!this.#gl) {
            throw new Error("This browser shows no WebGL 2, which the shape needs; the pictures can be compared all the same.");
        }
        this.#load(pictures);
        // a driver may take everything back, and give a new context later
        canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
        canvas.addEventListener("webglcontextrestored", () => this.#load(pictures));
    }

    #load(pictures) {
        const gl = this.#gl;
        const program = this.#program();
        gl.useProgram(program);
        gl.enable(gl.DEPTH_TEST);
        this.#uniforms = (name) => gl.getUniformLocation(program, name);
        const depth = gl.getAttribLocation(program, "depth");
        this.#buffer(gl.ARRAY_BUFFER, this.#data.depth);
        gl.enableVertexAttribArray(depth);
        gl.vertexAttribPointer(depth, 1, gl.FLOAT, false, 0, 0);
        this.#buffer(gl.ELEMENT_ARRAY_BUFFER, this.#data.corners);
        gl.uniform2i(this.#uniforms("size"), this.#data.width, this.#data.height);
        gl.uniform4fv(this.#uniforms("lens"), this.#data.lens);
        gl.uniform2f(this.#uniforms("range"), this.#data.nearest, this.#data.farthest);
        gl.uniform1i(this.#uniforms("normalsKnown"), pictures.normals ? 1 : 0);
        ["photograph", "palette", "normals"].forEach((name, unit) => {
            gl.uniform1i(this.#uniforms(name), unit);
            this.#texture(unit, pictures[name] ?? pictures.palette); // a unit without a texture would be warned of
        });
    }

    #program() {
        const gl = this.#gl;
        const program = gl.createProgram();
        for (const [type, source] of [
            [gl.VERTEX_SHADER, VERTEX_SHADER],
            [gl.FRAGMENT_SHADER, FRAGMENT_SHADER],
        ]) {
            const shader = gl.createShader(type);
            gl.shaderSource(shader, source);
            gl.compileShader(shader);
            gl.attachShader(program, shader);
        }
        gl.linkProgram(program);
        if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
            throw new Error(`This browser's WebGL cannot draw the shape: ${gl.getProgramInfoLog(program)}`);
        }
        return program;
    }

    #buffer(target, values) {
        const gl = this.#gl;
        gl.bindBuffer(target, gl.createBuffer());
        gl.bufferData(target, values, gl.STATIC_DRAW);
    }

    #texture(unit, picture) {
        const gl = this.#gl;
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
        if (picture.height > 1) {
            gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
            gl.generateMipmap(gl.TEXTURE_2D);
        } else { // a palette, whose colours far apart are not to be mixed
            gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
        }
    }

    draw(camera, colours) {
        const gl = this.#gl;
        const canvas = this.#canvas;
        const ratio = Math.min(window.devicePixelRatio, SHARPEST);
        const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(ratio * side)));
        if (canvas.width !== width || canvas.height !== height) {
            [canvas.width, canvas.height] = [width, height];
        }
        gl.viewport(0, 0, width, height);
        gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
        gl.uniformMatrix4fv(this.#uniforms("toPicture"), false, camera.matrix(width / height));
        gl.uniform1i(this.#uniforms("colours"), COLOURS.indexOf(colours));
        gl.drawElements(gl.TRIANGLES, this.#data.corners.length, gl.UNSIGNED_INT, 0);
    }
}
