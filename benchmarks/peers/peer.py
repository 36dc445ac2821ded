"""peer.py NAME CHECKPOINT SIDE THREADS IMAGE CACHE: the same model under another runtime, on the processor, in float32.

NAME is a key of PEERS below. IMAGE holds SIDE × SIDE pixels, three bytes each: red, green, blue. CACHE is a folder that keeps what is
made of the checkpoint: the prompt's embedding, and ONNX graphs of each size, 4 GB a size. Commands come on stdin and answers go to
stdout, a line each, the answers in JSON:

    load          {"ms": …}
    run           {"encode": …, "denoise": …, "decode": …, "whole": …}: milliseconds of one prediction, from pixels to depth
    record FILE   {}, after a prediction whose stages are written to FILE, as a recorded run for `lotus verify`

The first line, unasked, is {"versions": …}: whatever had to be made for CACHE is then there. A failure is {"error": …}.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from importlib.metadata import version
from pathlib import Path

import numpy as np

STAGES = ("encode", "denoise", "decode")


def modules(checkpoint, prompt):
    """The stages as PyTorch has them: RGB in [-1, 1] → latent → latent of the prediction → RGB in [-1, 1]."""
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel

    load = dict(torch_dtype=torch.float32, use_safetensors=True)
    vae = AutoencoderKL.from_pretrained(checkpoint, subfolder="vae", **load)
    unet = UNet2DConditionModel.from_pretrained(checkpoint, subfolder="unet", **load)
    scale = vae.config.scaling_factor

    class Encode(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.quant_conv = vae.encoder, vae.quant_conv

        def forward(self, rgb):
            mean, _ = self.quant_conv(self.encoder(rgb)).chunk(2, dim=1)
            return mean * scale

    class Denoise(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.unet = unet
            task = torch.tensor([[1.0, 0.0]])
            self.register_buffer("task", torch.cat([torch.sin(task), torch.cos(task)], -1))
            self.register_buffer("prompt", torch.from_numpy(prompt))
            self.register_buffer("timestep", torch.tensor([999]))

        def forward(self, latent):
            return self.unet(latent, self.timestep, self.prompt, class_labels=self.task, return_dict=False)[0]

    class Decode(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.post_quant_conv, self.decoder = vae.post_quant_conv, vae.decoder

        def forward(self, latent):
            return self.decoder(self.post_quant_conv(latent / scale))

    return {"encode": Encode().eval(), "denoise": Denoise().eval(), "decode": Decode().eval()}


def make_prompt(checkpoint, target):
    """The empty prompt's embedding, which is start and end alone; loaded here, so that no peer's memory counts the text encoder."""
    import torch
    from transformers import CLIPTextModel

    vocabulary = json.loads((checkpoint / "tokenizer" / "vocab.json").read_text())
    ids = torch.tensor([[vocabulary["<|startoftext|>"], vocabulary["<|endoftext|>"]]])
    encoder = CLIPTextModel.from_pretrained(checkpoint, subfolder="text_encoder", dtype=torch.float32).eval()
    with torch.no_grad():
        np.save(target / "prompt.npy", encoder(ids)[0].numpy())


def make_graphs(checkpoint, target, side, prompt):
    """The stages as ONNX graphs. Time, task and prompt are constants in them, so that a runtime may fold them, as ours does."""
    import torch

    stages = modules(checkpoint, np.load(prompt / "prompt.npy"))
    rgb, latent = torch.zeros(1, 3, side, side), torch.zeros(1, 4, side // 8, side // 8)
    for stage in STAGES:
        (target / stage).mkdir()
        with torch.no_grad():
            torch.onnx.export(
                stages.pop(stage),
                (rgb if stage == "encode" else latent,),
                target / stage / "graph.onnx",
                input_names=["in"],
                output_names=["out"],
                opset_version=18,  # 23 has an operator for attention, with which ONNX Runtime was no faster
                dynamo=True,
                external_data=True,
            )


def made(cache, name, maker, *arguments):
    """The folder of that name in the cache; made first, by a process of its own, if it is not there."""
    folder = cache / name
    if not folder.exists():
        unfinished = cache / (name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        command = [sys.executable, __file__, "make", maker, str(unfinished), *map(str, arguments)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{maker}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        unfinished.rename(folder)
    return folder


class PyTorch:
    packages = ("torch", "diffusers")
    compiled = False

    def __init__(self, checkpoint, side, threads, cache):
        self.checkpoint, self.threads = checkpoint, threads
        self.prompt = made(cache, "prompt", "prompt", checkpoint)

    def load(self):
        import torch

        torch.set_num_threads(self.threads)
        torch.set_grad_enabled(False)
        self.stages = modules(self.checkpoint, np.load(self.prompt / "prompt.npy"))
        for stage in STAGES:
            module = self.stages[stage].to(memory_format=torch.channels_last)
            self.stages[stage] = torch.compile(module, dynamic=False) if self.compiled else module

    def run(self, stage, values):
        import torch

        values = torch.from_numpy(values).contiguous(memory_format=torch.channels_last)
        return self.stages[stage](values).contiguous().numpy()


class CompiledPyTorch(PyTorch):
    compiled = True

    def __init__(self, checkpoint, side, threads, cache):
        super().__init__(checkpoint, side, threads, cache)
        self.side = side
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str((cache / f"compiled-{side}").resolve())

    def load(self):
        import torch._inductor.config as inductor

        inductor.freezing = inductor.freezing_discard_parameters = True  # weights are constants: packed, folded, let go
        super().load()
        predict(self, np.zeros((1, self.side, self.side, 3), np.uint8))  # compiles


class Graphs:
    """What runs the ONNX graphs."""

    def __init__(self, checkpoint, side, threads, cache):
        self.threads = threads
        prompt = made(cache, "prompt", "prompt", checkpoint)
        self.graphs = made(cache, f"{side}", "graphs", checkpoint, side, prompt)

    def load(self):
        self.stages = {stage: self.session(str(self.graphs / stage / "graph.onnx")) for stage in STAGES}

    def run(self, stage, values):
        return self.stages[stage](values)


class OnnxRuntime(Graphs):
    packages = ("onnxruntime",)

    def session(self, graph):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        return lambda values: session.run(None, {"in": values})[0]


class OpenVino(Graphs):
    packages = ("openvino",)

    def session(self, graph):
        import openvino

        settings = {
            "INFERENCE_NUM_THREADS": self.threads,
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        request = openvino.Core().compile_model(graph, "CPU", settings).create_infer_request()
        return lambda values: request.infer({"in": values})[0]


PEERS = {"pytorch": PyTorch, "pytorch-compile": CompiledPyTorch, "onnxruntime": OnnxRuntime, "openvino": OpenVino}


def predict(peer, image):
    """The outputs of all stages and the milliseconds each took."""
    milliseconds, outputs = {}, {}
    started = last = time.perf_counter()
    values = np.ascontiguousarray(image.transpose(0, 3, 1, 2)) / np.float32(127.5) - np.float32(1)
    for stage in STAGES:
        outputs[stage] = values = peer.run(stage, values)
        now = time.perf_counter()
        milliseconds[stage] = (now - last) * 1e3
        last = now
    outputs["prediction"] = np.clip(values / 2 + np.float32(0.5), 0, 1).transpose(0, 2, 3, 1)
    outputs["depth"] = outputs["prediction"].mean(-1)
    milliseconds["whole"] = (time.perf_counter() - started) * 1e3
    return outputs, milliseconds


def record(peer, image, file):
    from safetensors.numpy import save_file

    outputs, _ = predict(peer, image)
    tensors = {
        "image": image,
        "unet_in": outputs["encode"],
        "unet_out": outputs["denoise"],
        "decoder_out": outputs["decode"],
        "prediction": outputs["prediction"],
        "depth": outputs["depth"],
    }
    how = {
        "processing_res": "0",
        "resample": "bilinear",
        "match_input_res": "true",
        "task": "1.0,0.0",
        "timesteps": "999",
        "noise_seed": "None",
        "latent_sample_seed": "None",
    }
    save_file({name: np.ascontiguousarray(values) for name, values in tensors.items()}, file, how)


def obey(peer, image, command):
    word, _, argument = command.partition(" ")
    if word == "load":
        started = time.perf_counter()
        peer.load()
        return {"ms": (time.perf_counter() - started) * 1e3}
    if word == "run":
        return predict(peer, image)[1]
    if word == "record":
        record(peer, image, argument)
        return {}
    raise ValueError(f"there is no command {word}")


def reason(error):
    return (traceback.format_exception_only(error)[-1].strip().splitlines() or [repr(error)])[0]


def serve(name, checkpoint, side, threads, image, cache):
    answers = os.fdopen(os.dup(1), "w")  # libraries print to stdout what is no answer
    os.dup2(2, 1)

    def answer(work):
        try:
            answers.write(json.dumps(work()) + "\n")
        except Exception as e:
            traceback.print_exc()
            answers.write(json.dumps({"error": reason(e)}) + "\n")
        answers.flush()

    side = int(side)
    image = np.fromfile(image, np.uint8).reshape(1, side, side, 3)
    peer = None

    def start():
        nonlocal peer
        kind = PEERS[name]
        versions = ", ".join(f"{package} {version(package)}" for package in kind.packages)
        peer = kind(Path(checkpoint), side, int(threads), Path(cache))
        return {"versions": versions}

    answer(start)
    for line in sys.stdin:
        answer(lambda: obey(peer, image, line.strip()))


def make(maker, target, checkpoint, *arguments):
    if maker == "prompt":
        make_prompt(Path(checkpoint), Path(target))
    else:
        side, prompt = arguments
        make_graphs(Path(checkpoint), Path(target), int(side), Path(prompt))


if __name__ == "__main__":
    make(*sys.argv[2:]) if sys.argv[1] == "make" else serve(*sys.argv[1:])
