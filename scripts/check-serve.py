#!/usr/bin/env python3
"""Starts ./lotus serve, opens its page in headless Chromium, drops scenes on it, and checks what is seen and what is downloaded.

    python3 -m venv build/viewer && build/viewer/bin/pip install playwright pillow numpy
    build/viewer/bin/python scripts/check-serve.py

Screenshots go to build/check-serve; --readme puts README's in its place. Chromium is the one on the path, or Playwright's own.
Exits with 1 if a check fails, 77 if there is no browser.
"""
import base64
import io
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import numpy as np
    from PIL import Image
    from playwright.sync_api import Error, sync_playwright
except ImportError as e:
    print(f"check-serve was NOT RUN: {e}")
    sys.exit(77)

ROOT = Path(__file__).resolve().parent.parent
SCENES = ROOT / "lotus-nano/scenes"
SCENE = SCENES / "scene-6.png"
SHOTS = ROOT / "build/check-serve"
README_SHOT = ROOT / "lotus-nano/scene-6-serve.png"
HOSTILE = "<img src=x onerror=alert(1)>'\"&amp;.png"
SOFTWARE_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
FORMATS = "npy,npz,tiff,png,preview,ply,glb,obj,html"
SLOW = ["--processing-res", "0", "--threads", "1"]  # so that a large image's prediction takes long enough to be cancelled

failures = []


def check(name, passed, found=""):
    print(f"{'ok    ' if passed else 'FAILED'} {name}{f' ({found})' if found != '' else ''}")
    if not passed:
        failures.append(name)


def launch(playwright):
    names = ["chromium", "chromium-browser", "google-chrome"]
    path = next(filter(None, map(shutil.which, names)), None)
    quiet = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return playwright.chromium.launch(executable_path=path, args=quiet + SOFTWARE_GL)


class Served:
    """./lotus serve on a free port, until Ctrl-C."""

    def __init__(self, *options):
        command = [ROOT / "lotus", "serve", "--port", "0", *options]
        heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # which what is started in the background ignores
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=heed)
        self.url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=60)
        check("Ctrl-C ends the command", code in (130, -signal.SIGINT), code)


class Visit:
    """The page, and what its browser said meanwhile."""

    def __init__(self, browser, url, **settings):
        self.context = browser.new_context(**{"viewport": {"width": 1000, "height": 900}, **settings})
        self.page = self.context.new_page()
        self.url, self.said, self.asked = url, [], []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.said.append("dialog"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(url)
        self.page.wait_for_function("() => document.getElementById('limits').textContent.includes('At most')")

    def drop(self, content, name):
        """As a person drops a file from a folder."""
        self.page.evaluate(
            """([content, name]) => {
                const bytes = Uint8Array.from(atob(content), each => each.charCodeAt(0));
                const dropped = new DataTransfer();
                dropped.items.add(new File([bytes], name));
                document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
            }""",
            [base64.b64encode(content).decode(), name],
        )

    def done(self):
        self.page.wait_for_selector("#result:not([hidden])", timeout=120_000)
        self.page.wait_for_function("() => [...document.querySelectorAll('.compare img[src]')].every(each => each.complete && each.naturalWidth)")

    def see(self, selector, save=None):
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        shot = self.page.locator(selector).screenshot()
        if save:
            (SHOTS / save).write_bytes(shot)
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)

    def split(self, value):
        self.page.locator("#split").evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", value)

    def failure(self):
        self.page.wait_for_selector("#failure:not([hidden])", timeout=60_000)
        return self.page.locator("#failure").inner_text()

    def end(self, name):
        check(f"{name}: the console is silent", not self.said, "; ".join(self.said))
        elsewhere = [url for url in self.asked if not url.startswith((self.url, "data:", "blob:"))]
        check(f"{name}: nothing is asked for elsewhere", not elsewhere, elsewhere or "")
        self.context.close()


def differ(a, b):
    """The mean difference of two pictures, of 255."""
    return float(np.abs(a - b).mean()) if a.shape == b.shape else 255.0


def written(folder):
    """What the command writes of the scene: what the page should give."""
    subprocess.run([ROOT / "lotus", "geometry", SCENE, "--format", FORMATS, "--output", folder], check=True, stdout=subprocess.DEVNULL)
    return {each.name: each.read_bytes() for each in Path(folder).iterdir()}


def resized(content, like):
    size = (like.shape[1], like.shape[0])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB").resize(size, Image.BILINEAR)).astype(int)


def check_pictures(visit, expected):
    page = visit.page
    visit.split(0)
    depth = visit.see("#compare", "depth.png")
    inner = slice(12, depth.shape[1] - 12)
    found = differ(depth[:, inner], resized(expected["scene-6_depth_preview.png"], depth)[:, inner])
    check("the depth is the command's", found < 12, f"{found:.1f}")
    reds = (depth[..., 0] > depth[..., 2] + 60).mean()
    blues = (depth[..., 2] > depth[..., 0] + 20).mean()
    check("red and blue are in it", reds > 0.03 and blues > 0.03, f"{reds:.2f} red, {blues:.2f} blue")
    visit.split(100)
    photograph = visit.see("#compare", "photograph.png")
    found = differ(photograph[:, inner], resized(SCENE.read_bytes(), photograph)[:, inner])
    check("at the line's other end is the photograph", found < 12, f"{found:.1f}")
    visit.split(50)
    half = visit.see("#compare")
    left, right = slice(12, half.shape[1] // 2 - 12), slice(half.shape[1] // 2 + 12, half.shape[1] - 12)
    check("in the middle are both", differ(half[:, left], photograph[:, left]) < 1 and differ(half[:, right], depth[:, right]) < 1)
    page.locator("#split").press("ArrowLeft")
    check("keys move the line", float(page.locator("#split").input_value()) < 50)
    page.get_by_label("normals", exact=True).check()
    visit.split(0)
    normals = visit.see("#compare", "normals.png")
    found = differ(normals[:, inner], resized(expected["scene-6_normal.png"], normals)[:, inner])
    check("the normals are the command's", found < 12, f"{found:.1f}")


def check_shape(visit):
    page = visit.page
    page.get_by_label("3D", exact=True).check()
    frame = page.frame_locator("#shape")
    frame.locator("main:not([aria-busy])").wait_for(timeout=60_000)
    shot = frame.locator("#view").screenshot()
    (SHOTS / "shape.png").write_bytes(shot)
    seen = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)
    colours = len(np.unique(seen.reshape(-1, 3), axis=0))
    check("the 3D view shows a shape in the photograph's colours", colours > 500, f"{colours} colours")
    check("its page says nothing is wrong", not frame.locator("#notice").is_visible())
    page.screenshot(path=SHOTS / "page-3d.png", full_page=True)
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Open the 3D view").click()
    popup.value.wait_for_selector("main:not([aria-busy])", timeout=60_000)
    check("it opens in a tab of its own", popup.value.title() == "scene-6, geometry", popup.value.title())
    check("where it is of no origin", popup.value.evaluate("() => origin") == "null")
    popup.value.close()
    page.get_by_label("disparity", exact=True).check()


def check_downloads(visit, expected):
    page = visit.page
    names = page.locator("#files a").all_inner_texts()
    check("all files are offered", sorted(names) == sorted(expected), names)
    for name in names:
        page.wait_for_timeout(250)  # a click right after a download is lost at times
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        check(f"{name} is downloaded under its name", download.value.suggested_filename == name, download.value.suggested_filename)
        check(f"{name} is what the command writes", Path(download.value.path()).read_bytes() == expected[name])


def check_delete(visit):
    address = visit.page.locator("#files a").first.evaluate("e => e.href")
    visit.page.get_by_role("button", name="Delete").click()
    visit.page.wait_for_selector("#result", state="hidden")
    check("what is deleted is gone", visit.context.request.get(address).status == 404)


def check_failures(visit):
    visit.drop(b"this is no image", "note.png")
    text = visit.failure()
    check("what is no image is said to be none", "note.png is no image of a known format" in text, text)
    check("and the page takes the next", visit.page.locator("#drop").is_visible())
    visit.drop(b"0" * 33_000_000, "large.png")
    text = visit.failure()
    check("too large a file is not sent", "at most 32 MB" in text and "33.0" in text, text)
    visit.said = [each for each in visit.said if "415" not in each]  # which Chromium notes


def check_hostile(visit):
    visit.drop((SCENES / "scene-1.png").read_bytes(), HOSTILE)
    visit.done()
    name = visit.page.locator("#name").inner_text()
    check("a name is text", name == HOSTILE.removesuffix(".png"), name)
    visit.page.get_by_label("3D", exact=True).check()
    heading = visit.page.frame_locator("#shape").locator("h1")
    check("also in the 3D view", heading.inner_text() == HOSTILE.removesuffix(".png"))


def check_keyboard(browser, url):
    """From the top of the page to a prediction without a mouse."""
    visit = Visit(browser, url)
    page = visit.page
    page.keyboard.press("Tab")
    check("the first that Tab reaches chooses a file", page.evaluate("() => document.activeElement.id") == "file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(SCENE)
    visit.done()
    check("a chosen file is predicted", page.locator("#name").inner_text() == "scene-6")
    visit.end("by keys")


def check_looks(browser, url):
    for scheme in ("light", "dark"):
        visit = Visit(browser, url, color_scheme=scheme)
        visit.drop(SCENE.read_bytes(), "scene-6.png")
        visit.done()
        visit.see("body", f"page-{scheme}.png")
        number = lambda css: np.mean([int(each) for each in css.removeprefix("rgb(").removesuffix(")").split(",")])
        ink = number(visit.page.locator("h1").evaluate("e => getComputedStyle(e).color"))
        ground = number(visit.page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor"))
        check(f"{scheme}: ink and ground are far apart", abs(ink - ground) > 150 and (ground > 128) == (scheme == "light"), f"{ink:.0f}, {ground:.0f}")
        visit.end(scheme)
    visit = Visit(browser, url, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    visit.drop(SCENE.read_bytes(), "scene-6.png")
    visit.done()
    wide = visit.page.evaluate("() => document.documentElement.scrollWidth")
    check("on a phone nothing is wider than the screen", wide <= 360, wide)
    visit.end("phone")


def noise(side):
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (side, side, 3), dtype=np.uint8)).save(out, "png")
    return out.getvalue()


def check_cancel(browser):
    with Served(*SLOW) as served:
        first, second = Visit(browser, served.url), Visit(browser, served.url)
        large = noise(1024)
        first.drop(large, "large.png")
        first.page.wait_for_function("() => document.getElementById('status').textContent.startsWith('Running')")
        second.drop(large, "next.png")
        second.page.wait_for_function("() => document.getElementById('status').textContent.startsWith('Waiting: one image')")
        second.page.screenshot(path=SHOTS / "waiting.png")
        second.page.get_by_role("button", name="Cancel").click()
        second.page.wait_for_selector("#drop:not([hidden])")
        check("what waits is cancelled", not second.page.locator("#failure").is_visible())
        second.drop(large, "next.png")
        second.page.wait_for_function("() => document.getElementById('status').textContent.startsWith('Waiting')")
        first.page.wait_for_function("() => document.getElementById('progress').value > 0")
        first.page.screenshot(path=SHOTS / "running.png")
        first.page.get_by_role("button", name="Cancel").click()
        first.page.wait_for_selector("#drop:not([hidden])")
        check("what runs is cancelled", not first.page.locator("#result").is_visible())
        second.page.wait_for_function("() => document.getElementById('status').textContent.startsWith('Running')")
        check("then the next runs", True)
        second.context.close()  # goes away
        first.drop(SCENE.read_bytes(), "scene-6.png")
        first.done()
        check("who leaves holds up nobody", True)
        first.end("cancelling")


def save_readme_shot(visit):
    visit.page.get_by_label("disparity", exact=True).check()
    visit.split(25)
    visit.page.evaluate("() => document.activeElement.blur()")
    visit.page.set_viewport_size({"width": 700, "height": 900})
    shot = Image.open(io.BytesIO(visit.page.locator("body").screenshot())).convert("RGB")
    shot.quantize(128, dither=Image.Dither.NONE).save(README_SHOT, optimize=True)
    print(f"{README_SHOT}: {README_SHOT.stat().st_size} bytes")


def main():
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        try:
            browser = launch(playwright)
        except Error as e:
            print(f"check-serve was NOT RUN: no Chromium could be started: {str(e).splitlines()[0]}")
            sys.exit(77)
        print(f"Chromium {browser.version}")
        expected = written(folder)
        with Served() as served:
            visit = Visit(browser, served.url)
            visit.drop(SCENE.read_bytes(), "scene-6.png")
            visit.done()
            if "--readme" in sys.argv:
                save_readme_shot(visit)
            check_pictures(visit, expected)
            check_shape(visit)
            check_downloads(visit, expected)
            check_delete(visit)
            check_failures(visit)
            check_hostile(visit)
            visit.end("the page")
            check_keyboard(browser, served.url)
            check_looks(browser, served.url)
        check_cancel(browser)
        browser.close()
    print(f"{len(failures)} failed" if failures else "all passed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
