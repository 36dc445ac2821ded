"""peer.py CHECKPOINT REPORT KERNELS: the same model, weights and sizes under PyTorch, in float16 and channels last, compiled."""

import statistics
import sys
import time

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers import __version__ as diffusers_version

WARMUP, RUNS = 5, 20


class Lotus(torch.nn.Module):
    """Image in, image out: what one prediction computes on the device."""

    def __init__(self, folder):
        super().__init__()
        load = dict(torch_dtype=torch.float16, use_safetensors=True)
        self.vae = AutoencoderKL.from_pretrained(folder, subfolder="vae", **load)
        self.unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet", **load)
        prompt = torch.zeros(1, 2, self.unet.config.cross_attention_dim, dtype=torch.float16)
        task = torch.tensor([[1.0, 0.0]], dtype=torch.float16)
        self.register_buffer("prompt", prompt)
        self.register_buffer("task", torch.cat([torch.sin(task), torch.cos(task)], -1))
        self.register_buffer("timestep", torch.tensor(999))

    def forward(self, rgb):
        scale = self.vae.config.scaling_factor
        latent = self.vae.encode(rgb).latent_dist.mode() * scale
        x0 = self.unet(latent, self.timestep, self.prompt, class_labels=self.task, return_dict=False)[0]
        return self.vae.decode(x0 / scale, return_dict=False)[0]


def seconds(model, side):
    """Of predictions from bytes on the host to floats on the host."""
    image = torch.randint(0, 256, (1, 3, side, side), dtype=torch.uint8).pin_memory()

    def predict():
        rgb = image.cuda(non_blocking=True).to(memory_format=torch.channels_last).half() / 127.5 - 1
        return (model(rgb) / 2 + 0.5).clamp(0, 1).float().cpu()

    times = []
    for i in range(WARMUP + RUNS):
        started = time.perf_counter()
        predict()
        if i >= WARMUP:
            times.append(time.perf_counter() - started)
    return statistics.median(times)


def profile(model, side, report):
    """What its kernels take, of one prediction."""
    rgb = torch.rand(1, 3, side, side, dtype=torch.float16, device="cuda").to(memory_format=torch.channels_last)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as found:
        model(rgb)
        torch.cuda.synchronize()
    with open(report, "a") as out:
        print(side, found.key_averages().table(sort_by="cuda_time_total", row_limit=60, max_name_column_width=150), file=out)


def main(folder, report, kernels):
    torch.backends.cudnn.benchmark = True
    with torch.inference_mode(), open(report, "w") as out:
        print(f"PyTorch {torch.__version__}, diffusers {diffusers_version}, {torch.cuda.get_device_name()}\n", file=out)
        print("| PyTorch, float16, channels last | 512×512, ms | 768×768, ms | device memory, MB |\n|---|---|---|---|", file=out)
        model = Lotus(folder).cuda().eval().to(memory_format=torch.channels_last)
        for name in ("eager", "torch.compile, reduce-overhead"):
            torch.cuda.reset_peak_memory_stats()
            times = []
            for side in (512, 768):
                torch._dynamo.reset()  # each size compiled for itself, as it is fastest
                compiled = torch.compile(model, mode="reduce-overhead", dynamic=False)
                times.append(seconds(model if name == "eager" else compiled, side) * 1e3)
                if name != "eager":
                    profile(compiled, side, kernels)
            memory = torch.cuda.max_memory_allocated() / 1e6
            print(f"| {name} | {times[0]:.1f} | {times[1]:.1f} | {memory:.0f} |", file=out, flush=True)
        print(file=out)


main(*sys.argv[1:])
