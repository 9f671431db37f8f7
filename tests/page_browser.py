"""Chromium for the page's tests and benchmark: headless, without a network of its own."""

import shutil
import time
from typing import Any

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)


def find_programs() -> tuple[str, str] | None:
    """Chromium and its driver, or None where they are not installed."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def open_browser(width_px: int = 1280, height_px: int = 900, dark: bool = False) -> Any:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    found = find_programs()
    if found is None:
        raise RuntimeError("no chromium or chromedriver is installed")
    options = webdriver.ChromeOptions()
    options.binary_location = found[0]
    for flag in (*FLAGS, f"--window-size={width_px},{height_px}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(found[1]))
    resize(browser, width_px, height_px)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]},
    )
    return browser


def resize(browser: Any, width_px: int, height_px: int) -> None:
    metrics = {"width": width_px, "height": height_px, "deviceScaleFactor": 1, "mobile": width_px < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def wait_ready(browser: Any, most_s: float = 15) -> float:
    """Milliseconds from the start of navigation until the page was ready."""
    end = time.monotonic() + most_s
    while time.monotonic() < end:
        ready = browser.execute_script("return document.documentElement.dataset.ready")
        if ready:
            return float(ready)
        time.sleep(0.03)
    raise TimeoutError("the page was not ready in time")
