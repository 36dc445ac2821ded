/* Sends an image, tells how far its prediction is, and shows what comes of it. */
"use strict";

const byId = (id) => document.getElementById(id);

const STAGES = {
    read: "reading the image",
    encode: "encoding the image",
    denoise: "predicting",
    decode: "decoding the prediction",
    shape: "making the shape",
};

/** What a file is, by how its name ends; the first that fits. */
const FILES = [
    [/_depth_spread.*$/, "how far the ensemble's depth differs"],
    [/_normal_spread.*$/, "how far the ensemble's normals differ"],
    [/\.npz$/, "all numbers and what they are, for NumPy"],
    [/_depth\.npy$/, "depth, float32, for NumPy"],
    [/_depth\.tiff$/, "depth, float32"],
    [/_depth\.png$/, "depth, 16 bits"],
    [/_depth_preview\.png$/, "depth in colours"],
    [/_normal\.npy$/, "normals, float32, for NumPy"],
    [/_normal\.tiff$/, "normals, float32"],
    [/_normal\.png$/, "normals as colours"],
    [/\.(ply|glb|obj)$/, "mesh in the photograph's colours"],
    [/\.html$/, "3D view as a page of its own"],
];

const LEGENDS = {
    depth: "Red is near, blue is far. Move the line to compare with the photograph.",
    normals: "Red is to the left, green up, blue toward the camera. Move the line to compare with the photograph.",
    shape: "",
};

const page = {
    settings: null,
    photograph: null, // its blob's address
    running: null, // { id, abort } of the prediction under way
    shown: null, // where the result on the page lies
};

/** Yields { event, data } as they arrive; EventSource cannot send an image. */
async function* serverSentEvents(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += part.value;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        for (const block of blocks) {
            const field = (name) => block.split("\n").find((line) => line.startsWith(name))?.slice(name.length);
            const event = field("event: ");
            if (event) {
                yield { event, data: JSON.parse(field("data: ")) };
            }
        }
    }
}

function fail(reason) {
    byId("failure").textContent = reason;
    byId("failure").hidden = false;
}

/** @param share that is done; null where that is not known */
function tell(text, share) {
    if (byId("status").textContent !== text) {
        byId("status").textContent = text; // once: it is read out
    }
    if (share === null) {
        byId("progress").removeAttribute("value");
    } else {
        byId("progress").value = share;
    }
}

function busy(on) {
    byId("work").hidden = !on;
    byId("drop").hidden = on;
}

/** Why an image need not be sent, or null. */
function obstacle(file) {
    const most = page.settings?.bytes;
    return most && file.size > most
        ? `${file.name} has ${(file.size / 1e6).toFixed(1)} MB; an image may have at most ${most / 1e6} MB.`
        : null;
}

async function reasonOf(answer) {
    const error = await answer.json().then((json) => json.error, () => null);
    const later = answer.headers.get("Retry-After");
    return `${error ?? `The server answered ${answer.status}.`}${later ? ` Try again in ${later} seconds.` : ""}`;
}

/** @return what it ended with */
async function predict(file, abort) {
    const answer = await fetch(`predictions?name=${encodeURIComponent(file.name)}`, {
        method: "POST",
        body: file,
        signal: abort.signal,
    });
    if (!answer.ok) {
        return { event: "failed", data: { reason: await reasonOf(answer) } };
    }
    for await (const { event, data } of serverSentEvents(answer.body)) {
        if (event === "accepted") {
            page.running.id = data.id;
        } else if (event === "waiting") {
            tell(data.ahead === 1 ? "Waiting: one image comes first." : `Waiting: ${data.ahead} images come first.`, null);
        } else if (event === "running") {
            tell(`Running: ${STAGES[data.stage] ?? data.stage}.`, data.fraction);
        } else {
            return { event, data };
        }
    }
    return { event: "failed", data: { reason: "The server ended the connection before the prediction was done." } };
}

async function take(file) {
    if (page.running || !file) {
        return;
    }
    byId("failure").hidden = true;
    const reason = obstacle(file);
    if (reason) {
        fail(reason);
        return;
    }
    page.running = { id: null, abort: new AbortController() };
    busy(true);
    tell("Sending the image.", null);
    byId("cancel").focus();
    try {
        const { event, data } = await predict(file, page.running.abort);
        if (event === "done") {
            show(file, page.running.id, data);
        } else if (event === "failed") {
            fail(data.reason);
        }
    } catch (error) {
        if (error.name !== "AbortError") {
            fail(`The server cannot be reached: ${error.message}`);
        }
    } finally {
        page.running = null;
        busy(false);
        byId("file").value = ""; // so that the same file can be chosen again
        byId("file").focus();
    }
}

/** Ending the connection cancels, too, but the server notices that only with the next event. */
async function cancel() {
    const running = page.running;
    if (!running) {
        return;
    }
    if (running.id) {
        await fetch(`predictions/${running.id}`, { method: "DELETE" }).catch(() => {});
    }
    running.abort.abort();
}

function show(file, id, { name, kind, files }) {
    const at = `predictions/${id}/`;
    const ending = (text) => files.find((each) => each.endsWith(text));
    const address = (each) => each && at + encodeURIComponent(each);
    forget();
    page.shown = `predictions/${id}`;
    page.photograph = URL.createObjectURL(file);
    byId("name").textContent = name;
    byId("kind").textContent = kind;
    byId("compare").classList.remove("alone");
    byId("unshown").hidden = true;
    byId("photograph").hidden = false;
    byId("split").hidden = false;
    byId("photograph").src = page.photograph;
    byId("depth").src = address(ending("_depth_preview.png"));
    const normals = ending("_normal.png");
    byId("normals-choice").hidden = !normals;
    if (normals) {
        byId("normals").src = address(normals);
    }
    byId("shape-link").href = address(ending(".html"));
    byId("files").replaceChildren(...files.map((each) => listed(each, address(each))));
    byId("choice").reset();
    byId("split").value = 50;
    byId("result").hidden = false;
    choose();
}

function listed(name, address) {
    const link = Object.assign(document.createElement("a"), { href: address, download: name, textContent: name });
    const item = document.createElement("li");
    item.append(link, `: ${FILES.find(([ending]) => ending.test(name))?.[1] ?? "a file"}`);
    return item;
}

/** Takes the result off the page; the server keeps it. */
function forget() {
    byId("result").hidden = true;
    byId("shape").removeAttribute("src");
    ["photograph", "depth", "normals"].forEach((each) => byId(each).removeAttribute("src"));
    if (page.photograph) {
        URL.revokeObjectURL(page.photograph);
    }
    page.photograph = null;
    page.shown = null;
}

async function discard() {
    const answer = await fetch(page.shown, { method: "DELETE" }).catch(() => null);
    if (answer && (answer.ok || answer.status === 404)) {
        forget();
        byId("file").focus();
    } else {
        fail(answer ? await reasonOf(answer) : "The server cannot be reached.");
    }
}

/** Shows what is chosen, as far as the line lets it be seen. */
function choose() {
    const side = byId("choice").elements.side.value;
    const shape = side === "shape";
    byId("compare").hidden = shape;
    byId("shape").hidden = !shape;
    byId("shape-alone").hidden = !shape;
    byId("legend").textContent = LEGENDS[side];
    if (shape && !byId("shape").hasAttribute("src")) {
        byId("shape").src = byId("shape-link").href; // megabytes, so not before it is wanted
    }
    const share = byId("compare").classList.contains("alone") ? 0 : byId("split").value;
    for (const each of ["depth", "normals"]) {
        byId(each).hidden = each !== side;
        byId(each).style.clipPath = `inset(0 0 0 ${share}%)`;
    }
}

function showAlone() {
    if (page.photograph) {
        byId("compare").classList.add("alone");
        byId("photograph").hidden = true;
        byId("split").hidden = true;
        byId("unshown").hidden = false;
        choose();
    }
}

function dropOn(area) {
    const mark = (on) => byId("drop").classList.toggle("over", on);
    area.addEventListener("dragover", (event) => {
        event.preventDefault(); // the browser would open the file
        mark(true);
    });
    area.addEventListener("dragleave", () => mark(false));
    area.addEventListener("drop", (event) => {
        event.preventDefault();
        mark(false);
        take(event.dataTransfer.files[0]);
    });
}

async function open() {
    dropOn(document.body);
    byId("file").addEventListener("change", () => take(byId("file").files[0]));
    byId("cancel").addEventListener("click", cancel);
    byId("delete").addEventListener("click", discard);
    byId("choice").addEventListener("change", choose);
    byId("choice").addEventListener("submit", (event) => event.preventDefault()); // by Enter: there is nowhere to send it
    byId("split").addEventListener("input", choose);
    byId("photograph").addEventListener("error", showAlone);
    const answer = await fetch("settings");
    page.settings = await answer.json();
    const { normals, note, bytes, pixels } = page.settings;
    byId("with-normals").hidden = !normals;
    byId("note").textContent = `Note: ${note}.`;
    byId("note").hidden = !note;
    byId("limits").textContent += ` At most ${bytes / 1e6} MB and ${pixels / 1e6} million pixels.`;
}

open().catch((error) => fail(`The server cannot be reached: ${error.message}`));
