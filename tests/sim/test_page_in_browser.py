"""The page in a real browser: what it shows, what a click does, and what no name can do."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from sim.support import ZONE, Cloud
from support import canaries
from support.cpi import Answer
from tasks import browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

pytestmark = pytest.mark.skipif(
    bool(browser.missing()), reason=f"the page's browser is not installed: {browser.missing()}"
)

SECONDS_TO_SHOW = 20.0
HOSTILE = """<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>"""
CANARY = "canary-4711-of-the-agent"

CONTRAST = """
const luminance = (colour) => {
  const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const ground = (element) => {
  const colour = getComputedStyle(element).backgroundColor;
  return colour === "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : colour;
};
const found = [];
for (const element of document.body.querySelectorAll("*")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility({opacityProperty: true})) continue;
  const pair = [getComputedStyle(element).color, ground(element)].map(luminance).sort();
  const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (ratio < 4.5) found.push(`${element.tagName} ${element.textContent}: ${ratio.toFixed(2)}`);
}
return found;
"""

NAMELESS = """
return [...document.querySelectorAll("button, input, select, summary, a")].filter((element) => {
  const label = element.getAttribute("aria-label") || element.textContent || element.labels?.[0];
  return !label || element.tabIndex < 0;
}).map((element) => element.outerHTML);
"""


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    """Give one browser for all tests."""
    with browser.opened() as driver:
        yield driver


class Page:
    """The page of a simulator in the browser."""

    def __init__(self, driver: Chrome, sim: Simulator) -> None:
        self.driver = driver
        self.driver.get(f"{sim.plain_url}/")
        self.until(lambda: self.text("connection") == "live")

    def id(self, name: str) -> WebElement:
        """Find an element by its id."""
        return self.driver.find_element(By.ID, name)

    def text(self, name: str) -> str:
        """Give the text of an element."""
        return self.id(name).text

    def css(self, selector: str) -> list[WebElement]:
        """Find elements by a selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def row(self, resource_id: str) -> str:
        """Give the text of a resource's row; empty if there is none."""
        script = "return document.querySelector(`tr[data-id='${arguments[0]}']`)?.innerText ?? ''"
        return str(self.driver.execute_script(script, resource_id))

    def actions(self) -> list[str]:
        """List the actions of the calls that are shown, the newest first."""
        script = "return [...document.querySelectorAll('#rows b')].map((one) => one.textContent)"
        return list(self.driver.execute_script(script))

    def click(self, selector: str) -> None:
        """Click an element."""
        self.css(selector)[0].click()

    def fill(self, name: str, text: str) -> None:
        """Replace what a field holds."""
        field = self.id(name)
        field.clear()
        field.send_keys(text)

    def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something is shown."""
        end = time.monotonic() + SECONDS_TO_SHOW
        while not holds():
            assert time.monotonic() < end, self.id("resources").text + self.id("calls").text
            time.sleep(0.05)


@pytest.fixture
def page(chrome: Chrome, sim: Simulator) -> Iterator[Page]:
    """Give the page; it must not have logged an error, nor broken its own policy."""
    chrome.get_log("browser")  # type: ignore[no-untyped-call]
    yield Page(chrome, sim)
    logged = chrome.get_log("browser")  # type: ignore[no-untyped-call]
    chrome.get("about:blank")
    unexpected = [one for one in logged if "400 (Bad Request)" not in one["message"]]
    assert unexpected == []


def test_a_state_changes_live(page: Page, cloud: Cloud, sim: Simulator) -> None:
    """A new disk is shown as it becomes available; a deleted one goes."""
    sim.set_pace("fast", disk__create=45)
    disk_id = cloud.create_disk()
    page.until(lambda: "Creating" in page.row(disk_id))
    assert page.css(f"tr[data-id='{disk_id}'] progress")[0].is_displayed()
    cloud.disks(disk_id)
    page.click("[data-advance='60']")
    page.until(lambda: "Available" in page.row(disk_id))
    assert "20 GiB · cloud_essd" in page.row(disk_id)
    cloud.ok("DeleteDisk", DiskId=disk_id)
    page.until(lambda: not page.row(disk_id))


def test_resources_are_by_kind_and_found(page: Page, sim: Simulator) -> None:
    """Each kind with its count; what fits a text stays."""
    names = sim.world.constants
    counts = {one.text for one in page.css("#kinds summary")}
    assert {"Images 4", "vSwitches 4"} <= counts
    page.fill("find", names["cn-beijing.light_stemcell"])
    page.until(lambda: len([one for one in page.css("#kinds details") if one.is_displayed()]) == 1)
    page.fill("find", "no such thing")
    page.until(lambda: page.id("nothing-found").is_displayed())


def test_the_newest_are_first_and_of_many_the_newest(page: Page, sim: Simulator) -> None:
    """Also after something was looked for, and after something went."""
    (first,) = sim.seed({"disk": [{"name": "wanted"}]})["disk"]
    others = sim.seed({"disk": [{"name": "other"} for _ in range(3)]})["disk"]
    rows = "document.querySelectorAll('[data-kind=disk] tr[data-id]')"
    order = f"return [...{rows}].map((row) => row.dataset.id)"
    page.until(lambda: page.driver.execute_script(order) == [*reversed(others), first])
    page.fill("find", "wanted")
    page.until(lambda: page.driver.execute_script(order) == [first])
    page.fill("find", " ")
    page.until(lambda: page.driver.execute_script(order) == [*reversed(others), first])
    sim.seed({"disk": [{"name": "many"} for _ in range(500)]})
    page.until(lambda: "Disks 400 of 504" in page.text("kinds"))
    assert first not in page.driver.execute_script(order)


def test_calls_come_and_are_filtered(page: Page, cloud: Cloud) -> None:
    """By action and by outcome."""
    cloud.call("DescribeRegions")
    cloud.call("DeleteDisk", DiskId="d-none")
    cloud.create_disk()
    page.until(lambda: page.actions() == ["CreateDisk", "DeleteDisk", "DescribeRegions"])
    page.fill("call-action", "disk")
    assert page.actions() == ["CreateDisk", "DeleteDisk"]
    page.id("call-outcome").send_keys("errors")
    assert page.actions() == ["DeleteDisk"]
    assert "InvalidDiskId.NotFound" in page.text("rows")
    cloud.call("DetachDisk", DiskId="d-none", InstanceId="i-none")
    page.until(lambda: page.actions() == ["DetachDisk", "DeleteDisk"])


def test_calls_can_be_held(page: Page, cloud: Cloud, sim: Simulator) -> None:
    """Paused, they are kept but not shown; a reset forgets them."""
    page.click("#pause")
    cloud.call("DescribeRegions")
    page.until(lambda: page.text("shown") or sim.calls())
    time.sleep(1.5)
    assert page.actions() == []
    page.click("#pause")
    page.until(lambda: page.actions() == ["DescribeRegions"])
    page.click("#reset")
    assert len(sim.calls()) == 1
    page.click("#reset")
    page.until(lambda: page.actions() == [])
    assert sim.calls() == []


def test_a_fault_is_set_and_removed_with_a_click(page: Page, cloud: Cloud, sim: Simulator) -> None:
    """For the action that is chosen; what it hit is counted."""
    page.fill("fault-action", "CreateDisk")
    page.click("[data-preset='throttled']")
    page.until(lambda: "Throttling.User · CreateDisk" in page.text("rules"))
    (rule,) = sim.gateway.faults.list()
    assert (rule["kind"], rule["code"], rule["count"]) == ("error", "Throttling.User", 1)
    assert cloud.call("CreateDisk", ZoneId=ZONE, Size=20).code == "Throttling.User"
    page.until(lambda: "spent, hit 1 of 1" in page.text("rules"))
    page.click("#rules button")
    page.until(lambda: page.id("no-rules").is_displayed())
    assert sim.gateway.faults.list() == []


def test_every_kind_of_fault_is_set_by_keyboard(page: Page, sim: Simulator) -> None:
    """The whole form is reached with Tab and Enter."""
    page.id("fault-action").send_keys(Keys.BACKSPACE, "AttachDisk", *[Keys.TAB] * 5, Keys.ENTER)
    keys = ("d", Keys.TAB, Keys.TAB, "\b2", Keys.TAB, "\b3", Keys.TAB, "\b5", Keys.ENTER)
    for key in (Keys.TAB, *keys):
        page.driver.switch_to.active_element.send_keys(key)
    page.until(sim.gateway.faults.list)
    (rule,) = sim.gateway.faults.list()
    wanted = {"kind": "delay", "action": "AttachDisk", "nth": 2, "count": 3, "seconds": 5}
    assert {name: rule[name] for name in wanted} == wanted


def test_a_wrong_fault_is_named(page: Page, sim: Simulator) -> None:
    """With what the control API says, and it goes with the next right one."""
    page.fill("fault-action", "CreateDisc")
    page.click("[data-preset='lost']")
    page.until(lambda: "did you mean CreateDisk?" in page.text("fault-error"))
    assert sim.gateway.faults.list() == []
    page.fill("fault-action", "CreateDisk")
    page.click("[data-preset='lost']")
    page.until(lambda: not page.id("fault-error").is_displayed())


def test_a_call_is_chosen_for_a_fault(page: Page, cloud: Cloud) -> None:
    """Its action is taken over."""
    cloud.call("DescribeRegions")
    page.until(page.actions)
    page.driver.execute_script("document.querySelector('.again').click()")
    assert page.id("fault-action").get_attribute("value") == "DescribeRegions"
    assert page.driver.switch_to.active_element == page.id("fault-action")


def test_time_is_moved(page: Page, sim: Simulator) -> None:
    """Frozen and not, forward, at another pace."""
    before = sim.world.clock.now()
    page.click("[data-advance='3600']")
    page.until(lambda: sim.world.clock.now() == before + 3600)
    page.click("#freeze")
    page.until(lambda: not sim.world.clock.frozen)
    page.until(lambda: page.text("freeze") == "Freeze")
    page.click("#freeze")
    page.until(lambda: sim.world.clock.frozen)
    page.id("pace").send_keys("realistic")
    page.until(lambda: sim.world.pace.name == "realistic")


def test_hostile_names_stay_text(page: Page, cloud: Cloud, sim: Simulator) -> None:
    """Of resources, tags, parameters, actions and error codes."""
    sim.seed({"disk": [{"id": "d-x'\"><b>", "name": HOSTILE, "tags": {HOSTILE: HOSTILE}}]})
    sim.add_fault(kind="error", code=HOSTILE, message=HOSTILE, status=400, count=2)
    cloud.call("DescribeDisks", DiskName=HOSTILE)
    cloud.call(HOSTILE)
    page.until(lambda: len(page.actions()) == 2)
    page.until(lambda: HOSTILE in page.text("kinds"))
    page.driver.execute_script(
        "document.querySelectorAll('button.id, .params').forEach((b) => b.click())"
    )
    page.until(lambda: page.text("kinds").count("onerror") >= 3)
    assert HOSTILE in page.text("rows")
    assert HOSTILE in page.text("rules")
    assert page.css("img, tr b b, main script") == []
    assert page.driver.title == "alicloud-sim"


def test_no_secret_is_shown(page: Page, cloud: Cloud, sim: Simulator) -> None:
    """Neither user data nor passwords, tokens and keys, in no part of the page."""
    data = base64.b64encode(CANARY.encode()).decode()
    sim.seed({"instance": [{"id": "i-secret", "user_data": data}]})
    sim.seed({"metadata_token": [{"id": CANARY}]})
    sim.add_key("LTAIcanary", CANARY, token=CANARY)
    cloud.call("ModifyInstanceAttribute", InstanceId="i-secret", Password=CANARY, UserData=data)
    page.until(lambda: page.actions() and page.row("i-secret"))
    page.driver.execute_script(
        "document.querySelectorAll('button.id, .params').forEach((b) => b.click())"
    )
    page.until(lambda: "characters, not shown" in page.text("kinds"))
    assert CANARY not in page.driver.page_source
    assert data not in page.driver.page_source


def test_no_secret_of_a_vm_is_shown(page: Page, cpi: Cpi, vms: Vms, sim: Simulator) -> None:
    """What the CPI signs with and what it sends for an agent: all calls and the VM unfolded."""
    key_id, secret, token = canaries.KEYS.values()
    sim.add_key(key_id, secret, token=token)
    cpi.configure(**canaries.KEYS)
    vm = vms.make(env=canaries.ENV, password=canaries.VM_PASSWORD)
    page.until(lambda: "StartInstance" in page.actions() and page.row(vm))
    page.driver.execute_script(
        "document.querySelectorAll('button.id, .params').forEach((b) => b.click())"
    )
    page.until(lambda: "characters, not shown" in page.text("kinds"))
    # An access key's id is no secret by itself: the page tells by it who made a call.
    shown = page.driver.page_source.replace(key_id, "")
    canaries.search(Answer(None, None, "", shown))


def test_details_open_with_the_keyboard(page: Page, cloud: Cloud) -> None:
    """Enter on the id of a resource shows all of it, and closes it again."""
    disk_id = cloud.create_disk(DiskName="by-keyboard")
    page.until(lambda: page.row(disk_id))
    (button,) = page.css(f"tr[data-id='{disk_id}'] button")
    button.send_keys(Keys.ENTER)
    page.until(lambda: "delete_with_instance" in page.text("kinds"))
    assert button.get_attribute("aria-expanded") == "true"
    button.send_keys(Keys.ENTER)
    page.until(lambda: "delete_with_instance" not in page.text("kinds"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(page: Page, cloud: Cloud, sim: Simulator, scheme: str) -> None:
    """In light and in dark; a contrast of 4.5 to 1 at least (WCAG AA)."""
    cloud.create_disk()
    cloud.call("DeleteDisk", DiskId="d-none")
    sim.add_fault(kind="lost", action="CreateDisk")
    browser.set_scheme(page.driver, scheme)
    page.until(lambda: "DeleteDisk" in page.text("rows") and page.text("rules"))
    assert page.driver.execute_script(CONTRAST) == []
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = "rgb(245, 246, 248)"
    assert (page.driver.execute_script(ground) == light) == (scheme == "light")


def test_every_control_has_a_name_and_a_place_in_the_order(page: Page, cloud: Cloud) -> None:
    """For a screen reader and the Tab key."""
    cloud.create_disk()
    page.until(page.actions)
    assert page.driver.execute_script(NAMELESS) == []


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_nothing_is_wider_than_the_window(page: Page, cloud: Cloud, width: int) -> None:
    """On a screen, a tablet and a telephone."""
    cloud.call("DescribeDisks", DiskName="long" * 30)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.until(page.actions)
        widths = "return [document.documentElement.scrollWidth, innerWidth]"
        whole, window = page.driver.execute_script(widths)
        assert whole <= window == width
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_agents_of_instances_are_shown(chrome: Chrome, tmp_path: Path) -> None:
    """With the port of the message bus, or that there is none any more."""
    from alicloud_sim import Simulator

    settings = {"agent_id": "agent-1", "mbus": "https://mbus:pass@127.0.0.1:1"}
    data = base64.b64encode(json.dumps(settings).encode()).decode()
    row = {"id": "i-agent", "status": "Running", "user_data": data}
    with Simulator(pace="instant", agent="/bin/false", agent_folder=tmp_path) as sim:
        sim.seed({"instance": [row, {"id": "i-none", "status": "Stopped"}]})
        page = Page(chrome, sim)
        page.until(lambda: "agent failed" in page.row("i-agent"))
        assert "agent" not in page.row("i-none").replace("i-none", "")
    chrome.get("about:blank")


def test_it_says_when_the_simulator_is_gone(chrome: Chrome) -> None:
    """And when it is back."""
    from alicloud_sim import Simulator

    with Simulator(pace="instant") as sim:
        page, port = Page(chrome, sim), sim.port
    page.until(lambda: page.text("connection") == "the simulator does not answer")
    with Simulator(port, pace="instant"):
        page.until(lambda: page.text("connection") == "live")
    chrome.get("about:blank")
