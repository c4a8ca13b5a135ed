"""A real Chromium, driven; tests that want it are skipped, and say so, where it is not installed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

PHONE, DESKTOP = (360, 740), (1100, 900)
MISSING = "no Chromium with its driver is installed (apt-get install chromium chromium-driver)"


class Browser:
    """One window, with the words that a test of pages is written in."""

    def __init__(self, driver: Chrome, base: str) -> None:
        self.driver, self.base = driver, base

    def open(self, path: str) -> None:
        """Go to a page of the desk, or to a whole address."""
        self.driver.get(path if path.startswith("http") else self.base + path)

    @property
    def text(self) -> str:
        """Everything a reader sees."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def find(self, css: str) -> WebElement:
        """The first element that fits."""
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def has(self, action: str) -> bool:
        """Whether there is a form with this address in it."""
        self.driver.implicitly_wait(0)
        try:
            return bool(self.all(f'form[action*="{action}"]'))
        finally:
            self.driver.implicitly_wait(2)

    def all(self, css: str) -> list[WebElement]:
        """Every element that fits."""
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def type(self, css: str, words: str) -> None:
        """Write into a field."""
        self.find(css).send_keys(words)

    def choose(self, css: str, value: str) -> None:
        """Pick from a list by its value."""
        Select(self.find(css)).select_by_value(value)

    def tick(self, name: str, value: str, form: str = "") -> None:
        """Choose a radio button or tick a box."""
        self.find(f'{form} input[name="{name}"][value="{value}"]').click()

    def unfold(self, css: str) -> None:
        """Open the folded part that holds the element."""
        self.driver.execute_script("arguments[0].closest('details').open = true", self.find(css))

    def send(self, action: str) -> None:
        """Press the button of the form with this address in it, as a keyboard would: focus and Enter."""
        button = self.find(f'form[action*="{action}"] button')
        # A folded form is opened as a reader would, and what a browser itself would hold back is sent all the same.
        self.driver.execute_script(
            "const d = arguments[0].closest('details'); if (d) d.open = true; arguments[0].form.noValidate = true", button
        )
        self._press(button, "\n")

    def enter(self, css: str, words: str) -> None:
        """Write into a field, press Enter, and wait for the page that follows."""
        self._press(self.find(css), words + "\n")

    def _press(self, element: WebElement, keys: str) -> None:
        """Type, and wait until another page stands there whole: the old one is marked, the new one is not."""
        self.driver.execute_script("document.whistleLeaving = true")
        element.send_keys(keys)
        WebDriverWait(self.driver, 15, 0.05, [WebDriverException]).until(
            lambda driver: driver.execute_script("return !document.whistleLeaving && document.readyState === 'complete'")
        )

    def emulate(self, size: tuple[int, int] = DESKTOP, *, dark: bool = False) -> None:
        """A window of this size in CSS pixels, light or dark."""
        width, height = size
        device = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def picture(self, file: Path) -> None:
        """Keep what the window shows, all of the page's height up to 1,600 pixels."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": int(size["width"]), "height": min(int(size["height"]), 1600), "deviceScaleFactor": 1, "mobile": False},
        )
        self.driver.save_screenshot(str(file))

    def faults(self) -> list[str]:
        """What keeps somebody with a keyboard, a screen reader, weak eyes or a small screen from using the page."""
        found: list[str] = self.driver.execute_script(ACCESSIBLE)
        return found


@contextmanager
def browsing(base: str, *, script: bool = True) -> Iterator[Browser]:
    """A fresh Chromium; without `script` it runs none, as on a locked-down machine."""
    chromium, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip(MISSING)
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
                 "--disable-background-networking", "--disable-component-update", "--lang=en"):  # fmt: skip
        options.add_argument(flag)
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    window = Chrome(options, Service(driver))
    try:
        window.set_page_load_timeout(30)
        window.implicitly_wait(2)
        yield Browser(window, base)
    finally:
        window.quit()


ACCESSIBLE = r"""
const faults = [];
const seen = (e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
if (!document.documentElement.lang) faults.push('no language');
if (!document.title.trim()) faults.push('no title');
if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
if (!document.querySelector('main')) faults.push('no main');
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
for (const id of new Set(ids)) if (ids.filter((x) => x === id).length > 1) faults.push('id twice: ' + id);
let level = 1;
for (const h of document.querySelectorAll('h1,h2,h3,h4')) {
  const now = Number(h.tagName[1]); if (now > level + 1) faults.push('heading jumps: ' + h.tagName); level = now;
}
for (const f of document.querySelectorAll('input:not([type=hidden]),select,textarea')) {
  const name = f.labels && f.labels.length ? f.labels[0].textContent.trim() : (f.getAttribute('aria-label') || '');
  if (!name) faults.push('field without label: ' + (f.name || f.id));
}
for (const g of document.querySelectorAll('fieldset')) if (!g.querySelector('legend')) faults.push('fieldset without legend');
for (const b of document.querySelectorAll('button,a[href],summary')) {
  if (!b.textContent.trim() && !b.getAttribute('aria-label')) faults.push('nameless: ' + b.outerHTML.slice(0, 60));
  const r = b.getBoundingClientRect();
  if (b.tagName !== 'A' && seen(b) && (r.height < 24 || r.width < 24)) faults.push('small: ' + b.textContent.trim().slice(0, 20) + ' ' + r.height);
}
for (const i of document.querySelectorAll('img,svg')) if (!i.getAttribute('alt') && !i.getAttribute('aria-label') && i.getAttribute('aria-hidden') !== 'true' && !i.querySelector('title')) faults.push('picture without words');
for (const t of document.querySelectorAll('table')) if (!t.querySelector('th')) faults.push('table without headings');
for (const e of document.querySelectorAll('[aria-describedby]')) for (const id of e.getAttribute('aria-describedby').split(' ')) if (!document.getElementById(id)) faults.push('describedby nothing: ' + id);
if (document.documentElement.scrollWidth > document.documentElement.clientWidth + 1) faults.push('scrolls sideways: ' + document.documentElement.scrollWidth);
const rgb = (c) => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
const over = (a, b) => [0, 1, 2].map((k) => a[k] * a[3] + b[k] * (1 - a[3])).concat(1);
const back = (e) => { const chain = []; for (let p = e; p; p = p.parentElement) chain.push(rgb(getComputedStyle(p).backgroundColor));
  return chain.reverse().reduce((b, a) => over(a, b), matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18, 1] : [255, 255, 255, 1]); };
const light = (c) => { const l = [0, 1, 2].map((k) => { const v = c[k] / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
const told = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || !seen(e) || getComputedStyle(e).visibility === 'hidden' || e.closest('svg,option')) continue;
  const b = back(e), f = over(rgb(getComputedStyle(e).color), b), [x, y] = [light(f), light(b)];
  const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  const style = getComputedStyle(e), size = parseFloat(style.fontSize), big = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const mark = e.tagName + '.' + e.className;
  if (ratio < (big ? 3 : 4.5) && !told.has(mark)) { told.add(mark); faults.push('contrast ' + ratio.toFixed(2) + ': ' + mark + ' ' + e.textContent.trim().slice(0, 20)); }
}
return faults;
"""
"""Checks of the kind that axe makes (WCAG 2.2: names, labels, headings, contrast, target size, reflow), in our own words."""
