#!/usr/bin/env python3
"""Has ./lotus write pages (--format html), opens them from disk in headless Chromium, without a network, and checks what is seen.

    python3 -m venv build/viewer && build/viewer/bin/pip install playwright pillow numpy
    build/viewer/bin/python scripts/check-viewer.py [PAGE...]

PAGEs are opened as well, and how long that takes is said. Screenshots go to build/check-viewer; --readme puts README's in its
place. Chromium is the one on the path, or Playwright's own. Exits with 1 if a check fails, 77 if there is no browser.
"""
import io
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import numpy as np
    from PIL import Image
    from playwright.sync_api import Error, sync_playwright
except ImportError as e:
    print(f"check-viewer was NOT RUN: {e}")
    sys.exit(77)

ROOT = Path(__file__).resolve().parent.parent
SCENE = ROOT / "lotus-nano/scenes/scene-6.png"
SHOTS = ROOT / "build/check-viewer"
README_SHOT = ROOT / "lotus-nano/scene-6-viewer.png"
HOSTILE = "<img src=x onerror=alert(1)>'\"&amp; {{script}}"
SOFTWARE_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
NO_GL = ["--disable-3d-apis"]

failures = []


def check(name, passed, found=""):
    print(f"{'ok    ' if passed else 'FAILED'} {name}{f' ({found})' if found != '' else ''}")
    if not passed:
        failures.append(name)


def launch(playwright, extra):
    names = ["chromium", "chromium-browser", "google-chrome"]
    path = next(filter(None, map(shutil.which, names)), None)
    quiet = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return playwright.chromium.launch(executable_path=path, args=quiet + extra)


class Visit:
    """A page opened from disk, and what its browser said meanwhile."""

    def __init__(self, browser, path, **settings):
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **settings})
        self.context.set_offline(True)
        self.page = self.context.new_page()
        self.said, self.asked, self.name = [], [], path.name[:24]
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.said.append("dialog"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        begin = time.monotonic()
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("main:not([aria-busy])", timeout=60_000)
        self.seconds = time.monotonic() - begin
        self.settle()

    def settle(self):
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def see(self, selector, save=None):
        self.settle()
        shot = self.page.locator(selector).screenshot()
        if save:
            (SHOTS / save).write_bytes(shot)
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)

    def background(self, selector):
        colour = self.page.locator(selector).evaluate("e => getComputedStyle(e).backgroundColor")
        return np.array([int(each) for each in colour.removeprefix("rgb(").removesuffix(")").split(",")])

    def covered(self, shot):
        """The pixels of the canvas on which the shape lies."""
        return np.abs(shot - self.background("#view")).max(axis=2) > 6

    def end(self):
        """Nothing was complained of, and nothing asked for but the page and what lies in it."""
        check(f"{self.name}: the console is silent", not self.said, "; ".join(self.said))
        elsewhere = [url for url in self.asked if not url.startswith(("file:", "data:", "blob:"))]
        check(f"{self.name}: nothing is asked for", not elsewhere and sum(u.startswith("file:") for u in self.asked) == 1, elsewhere or "")
        self.context.close()


def differ(a, b):
    """The mean difference of two pictures, of 255."""
    return float(np.abs(a - b).mean()) if a.shape == b.shape else 255.0


def check_shape(visit, kind):
    page = visit.page
    box = page.locator("#view").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    photograph = visit.see("#view", f"{kind}-photograph.png")
    share = visit.covered(photograph).mean()
    check("the shape covers a sensible part of the canvas", 0.3 < share < 0.95, f"{share:.2f}")
    check("its colours are many", len(np.unique(photograph.reshape(-1, 3), axis=0)) > 500)
    scene = np.asarray(Image.open(SCENE).convert("RGB")).astype(int)
    off = np.abs(photograph[visit.covered(photograph)].mean(axis=0) - scene.mean(axis=(0, 1))).max()
    check("they are the photograph's", off < 25, f"{off:.0f} of 255 off on average")

    page.get_by_label("depth", exact=True).first.check()
    depth = visit.see("#view", f"{kind}-depth.png")
    check("by depth it looks otherwise", differ(photograph, depth) > 15, f"{differ(photograph, depth):.0f}")
    seen = depth[visit.covered(depth)]
    reds = (seen[:, 0] > seen[:, 2] + 60).mean()
    blues = (seen[:, 2] > seen[:, 0] + 20).mean()
    check("red and blue are in it", reds > 0.03 and blues > 0.03, f"{reds:.2f} red, {blues:.2f} blue")
    page.get_by_label("normals", exact=True).first.check()
    normals = visit.see("#view", f"{kind}-normals.png")
    check("by normals otherwise again", min(differ(normals, depth), differ(normals, photograph)) > 15)
    blue = normals[visit.covered(normals)].mean(axis=0)
    check("they look toward the camera", blue[2] > 128, f"{blue.round()}")
    page.get_by_label("photograph", exact=True).first.check()
    check("the photograph comes back", differ(visit.see("#view"), photograph) < 0.5)

    def reset():
        page.get_by_role("button", name="Reset view").click()
        page.mouse.move(x, y)
        return visit.see("#view")

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 40, steps=5)
    page.mouse.up()
    turned = visit.see("#view", f"{kind}-turned.png")
    check("dragging turns it", differ(turned, photograph) > 5 and visit.covered(turned).mean() > 0.15, f"{differ(turned, photograph):.0f}")
    page.mouse.move(x, y)
    check("a pointer that is not pressed does not", differ(visit.see("#view"), turned) < 0.5)
    check("reset brings it back", differ(reset(), photograph) < 0.5)
    page.mouse.wheel(0, 900)
    far = visit.covered(visit.see("#view")).mean()
    check("the wheel makes it smaller", far < 0.6 * share, f"{far:.2f} of {share:.2f}")
    reset()

    def middle(shot):
        return np.argwhere(visit.covered(shot)).mean(axis=0)

    page.mouse.wheel(0, 900)
    before = middle(visit.see("#view"))
    page.mouse.down(button="right")
    page.mouse.move(x + 60, y - 50, steps=3)
    page.mouse.up(button="right")
    moved = middle(visit.see("#view")) - before
    check("the right button moves it", np.abs(moved - [-50, 60]).max() < 20, f"{moved.round()} for [-50 60]")
    page.locator("#view").press("Home")
    check("Home brings it back", differ(visit.see("#view"), photograph) < 0.5)
    for key, inverse in [("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown"), ("Shift+ArrowLeft", "Shift+ArrowRight"), ("+", "-")]:
        page.locator("#view").press(key)
        check(f"{key} steers it", differ(visit.see("#view"), photograph) > 1)
        page.locator("#view").press(inverse)
        check(f"{inverse} takes that back", differ(visit.see("#view"), photograph) < 1)
    reset()


def check_compare(visit, with_normals):
    page = visit.page

    def at(value, side="depth", save=None):
        if with_normals:
            page.get_by_label(side, exact=True).last.check()
        page.locator("#split").evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", value)
        return visit.see(".compare", save)

    photograph, half, depth = at(100), at(50, save="compare-depth.png"), at(0)
    width = half.shape[1]
    left, right = slice(12, width // 2 - 12), slice(width // 2 + 12, width - 12)
    check("left of the line is the photograph", differ(half[:, left], photograph[:, left]) < 1)
    check("right of it is the depth", differ(half[:, right], depth[:, right]) < 1)
    check("they are not the same", differ(photograph[:, 12:-12], depth[:, 12:-12]) > 15)
    scene = np.asarray(Image.open(SCENE).convert("RGB").resize((width, half.shape[0]), Image.BILINEAR)).astype(int)
    check("the photograph is the photograph", differ(photograph[:, 12:-12], scene[:, 12:-12]) < 18, f"{differ(photograph, scene):.0f}")
    if with_normals:
        normals = at(50, "normals", "compare-normals.png")
        check("normals take the depth's place", differ(normals[:, right], depth[:, right]) > 15 and differ(normals[:, left], photograph[:, left]) < 1)
        at(50)
    box = page.locator(".compare").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    value = float(page.locator("#split").input_value())
    check("a click moves the line there", abs(value - 25) < 2, f"{value} of 25")
    page.locator("#split").press("ArrowRight")
    check("so do keys", float(page.locator("#split").input_value()) > value)
    at(50)


def check_phone(browser, path):
    visit = Visit(browser, path, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, device_scale_factor=2)
    page = visit.page
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    check("on a phone nothing is wider than the screen", wide <= 360, wide)
    page.screenshot(path=SHOTS / "phone.png")
    page.locator("#view").scroll_into_view_if_needed()
    box = page.locator("#view").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = visit.context.new_cdp_session(page)

    def touch(*strokes):
        """Fingers from and to offsets from the middle."""
        points = lambda share: [{"x": x + a[0] + share * (b[0] - a[0]), "y": y + a[1] + share * (b[1] - a[1]), "id": i} for i, (a, b) in enumerate(strokes)]
        fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points(0)})
        for share in (0.25, 0.5, 0.75, 1):
            fingers.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points(share)})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        return visit.see("#view")

    first = visit.see("#view")
    top = page.evaluate("() => scrollY")
    turned = touch(((0, 0), (40, 30)))
    check("one finger turns the shape, not the page", differ(turned, first) > 3 and page.evaluate("() => scrollY") == top)
    page.get_by_role("button", name="Reset view").tap()
    check("reset by touch", differ(visit.see("#view"), first) < 1)
    share = visit.covered(first).mean()
    pinched = visit.covered(touch(((-80, 0), (-30, 0)), ((80, 0), (30, 0)))).mean()
    check("two fingers zoom", pinched < 0.7 * share, f"{pinched:.2f} of {share:.2f}")
    visit.end()


def check_policy(browser, path):
    """What could be put into the page does not run, and the page leaves no names behind."""
    visit = Visit(browser, path)
    names = visit.page.evaluate(
        """() => { const frame = document.createElement('iframe'); document.body.append(frame);
                   const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow)); frame.remove();
                   return Object.getOwnPropertyNames(window).filter(each => !usual.has(each) && isNaN(each)); }"""
    )
    check("the page adds no global names", not names, names)
    check("a script from outside does not run", not visit.page.evaluate(
        """() => { const script = document.createElement('script'); script.textContent = 'window.broken = 1';
                   document.body.append(script); return 'broken' in window; }"""
    ))
    blocked = visit.page.evaluate(
        """() => new Promise(done => { document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));
                   document.body.append(Object.assign(new Image(), { src: 'https://127.0.0.1/a.png' })); setTimeout(done, 3000); })"""
    )
    check("a picture from elsewhere is not asked for", blocked == "img-src", blocked)
    visit.context.close()


def check_looks(browser, path):
    shots = {}
    for scheme in ("light", "dark"):
        visit = Visit(browser, path, color_scheme=scheme)
        shots[scheme] = visit.see("body", f"page-{scheme}.png")
        ink = visit.page.locator("h1").evaluate("e => getComputedStyle(e).color")
        ink = np.mean([int(each) for each in ink.removeprefix("rgb(").removesuffix(")").split(",")])
        ground = visit.background("body").mean()
        check(f"{scheme}: ink and ground are far apart", abs(ink - ground) > 150 and (ground > 128) == (scheme == "light"), f"{ink:.0f}, {ground:.0f}")
        visit.end()


def write_pages(folder):
    hostile = folder / f"{HOSTILE}.png"
    shutil.copy(SCENE, hostile)
    for command in (["geometry", hostile, SCENE], ["depth", SCENE]):
        subprocess.run([ROOT / "lotus", *command, "--format", "html", "--output", folder], check=True, stdout=subprocess.DEVNULL)
    return folder / "scene-6_geometry.html", folder / "scene-6_depth.html", folder / f"{HOSTILE}_geometry.html"


def save_readme_shot(browser, path):
    visit = Visit(browser, path, viewport={"width": 1100, "height": 700})
    visit.page.get_by_label("normals", exact=True).last.check()
    shot = Image.open(io.BytesIO(visit.page.locator("body").screenshot())).convert("RGB")
    shot.quantize(192, dither=Image.Dither.NONE).save(README_SHOT, optimize=True)
    print(f"{README_SHOT}: {README_SHOT.stat().st_size} bytes")
    visit.context.close()


def main(pages):
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        try:
            browser = launch(playwright, SOFTWARE_GL)
        except Error as e:
            print(f"check-viewer was NOT RUN: no Chromium could be started: {str(e).splitlines()[0]}")
            sys.exit(77)
        print(f"Chromium {browser.version}")
        geometry, depth, hostile = write_pages(Path(folder))
        visit = Visit(browser, geometry)
        check_shape(visit, "geometry")
        check_compare(visit, True)
        visit.end()
        visit = Visit(browser, depth)
        check_shape(visit, "depth")
        check_compare(visit, False)
        visit.end()
        visit = Visit(browser, hostile)
        check("a name is text", visit.page.title() == f"{HOSTILE}, geometry" and visit.page.locator("h1").inner_text() == HOSTILE, visit.page.title())
        visit.end()
        check_looks(browser, geometry)
        check_phone(browser, geometry)
        check_policy(browser, geometry)
        for each in pages:
            visit = Visit(browser, Path(each).resolve())
            print(f"       {each}: {Path(each).stat().st_size / 1e6:.2f} MB, opened in {visit.seconds:.2f} s")
            check("it shows a shape", visit.covered(visit.see("#view")).mean() > 0.2)
            visit.end()
        if "--readme" in sys.argv:
            save_readme_shot(browser, geometry)
        browser.close()
        browser = launch(playwright, NO_GL)
        visit = Visit(browser, geometry)
        notice = visit.page.locator("#notice").inner_text()
        check("without WebGL 2 the page says so", "WebGL 2" in notice and not visit.page.locator("#view").is_visible(), notice)
        check_compare(visit, True)
        visit.context.close()
        browser.close()
    print(f"{len(failures)} failed" if failures else "all passed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main([each for each in sys.argv[1:] if each != "--readme"])
