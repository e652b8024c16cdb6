"""mmpctl map: in the terminal, as SVG, and as a page that Chromium opens."""

import fcntl
import json
import os
import re
import shutil
import struct
import subprocess
import termios
import xml.etree.ElementTree

import pytest

import documents
import mmp

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def write(tmp_path):
    def write(name, document):
        (tmp_path / name).write_text(json.dumps(document))
        return tmp_path / name
    return write


def draw(*words, status=0):
    done = mmp.mmpctl("--local", "map", *words)
    assert done.returncode == status, done.stderr
    return done.stdout


def picture(path):
    return json.loads(mmp.mmpctl("--local", "--json", "map", path).stdout)


def test_the_terminal_shows_both_spaces_with_gaps_folded(write):
    text = draw(write("p.json", documents.QEMU))
    virtual, physical = text.split("Physical space")
    assert "0x0e100000      492K  ########             TEE_RAM_RX, secure P:r-x" in virtual
    assert "nothing mapped yet" in virtual and "nothing mapped yet" not in physical
    assert "not used" in virtual and "not used" in physical
    addresses = [int(line.split()[0], 16) for line in physical.splitlines() if line.startswith("  0x")]
    assert addresses == sorted(addresses) and len(addresses) == 6
    assert "\033" not in text


def on_terminal(folder, columns, *words):
    """What mmpctl prints on a terminal of so many columns, without its colours; and the lines of it."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    done = subprocess.Popen([mmp.BUILD / "mmpctl", "--local", *map(str, words)], stdin=subprocess.DEVNULL,
                            stdout=slave, stderr=slave, cwd=folder, env=mmp.environment(TERM="xterm"))
    os.close(slave)
    said = b""
    try:
        while part := os.read(master, 65536):
            said += part
    except OSError:  # the other end is closed
        pass
    os.close(master)
    done.wait(mmp.DEADLINE)
    return re.sub(r"\033\[[0-9;]*m|\r", "", said.decode())


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal_and_nothing_that_fits_is_lost(write, columns):
    folder = write("p.json", documents.QEMU).parent
    text = on_terminal(folder, columns, "map", "p.json")
    wide = [line for line in text.splitlines() if len(line) > columns]
    assert not wide
    assert ("TEE_RAM_RX, secure P:r-x U:--- cached, PA 0xe100000" in text) == (columns >= 80)
    assert ("#####" in text) == (columns >= 100) and len(text) > 500
    assert ("CONSOLE_UART_BASE" in text) == (columns >= 120)
    for words in (["check"], ["explain"], ["diff"]):
        more = {"explain": ["0x9000808"], "diff": ["--rules", "optee-3.4"]}.get(words[0], [])
        wide = [line for line in on_terminal(folder, columns, *words, "p.json", *more).splitlines() if len(line) > columns]
        assert not wide, words


def test_nonsecure_memory_has_another_letter(write):
    document = documents.platform()
    document["registrations"].append({"section": "phys_mem_map", "type": "MEM_AREA_IO_NSEC", "name": "OPEN",
                                      "addr": "0xa000000", "size": "0x200000"})
    lines = [line for line in draw(write("p.json", document)).splitlines() if "OPEN" in line]
    assert len(lines) == 2 and all(" ==========" in line and "#" not in line for line in lines)


def test_a_platform_that_stops_has_no_picture(write, tmp_path):
    document = documents.platform()
    for one in document["registrations"]:
        if one["type"] == "MEM_AREA_NSEC_SHM":
            one["addr"] = document["config"]["reserved_shm"]["start"] = "0xe200000"
    done = mmp.mmpctl("--local", "map", write("p.json", document), "--html", tmp_path / "page.html")
    assert done.returncode == 4 and "stops" in done.stderr and not (tmp_path / "page.html").exists()


def test_the_answer_has_every_region_and_every_descriptor(write):
    path = write("p.json", documents.QEMU)
    answer = picture(path)
    computed = json.loads(mmp.mmpctl("--local", "--json", "layout", "compute", path).stdout)
    assert [(one["va"], one["size"]) for one in answer["regions"]] == [
        (one["va"], one["size"]) for one in computed["memory_map"]]
    for ours, theirs in zip(answer["tables"], computed["tables"], strict=True):
        expected = {n: int(word, 16) for n, word in theirs["descriptors"]}
        linked = {n: other for n, other, _ in theirs["next_tables"]}
        for index, count, first, last, pattern, following in ours["runs"]:
            if following >= 0:
                assert linked.pop(index) == following and count == 1
                continue
            step = (int(last, 16) - int(first, 16)) // (count - 1) if count > 1 else 0
            assert step in (0, 1 << ours["shift"])
            for n in range(count):
                assert expected.pop(index + n) == int(first, 16) + n * step
            assert answer["patterns"][pattern][0]["name"]
        assert not expected and not linked


def shapes(svg):
    """Of each region: number, label, and rectangle."""
    found = []
    for group in svg.iter(f"{SVG}g"):
        if "region" in group.get("class").split():
            rect = group.find(f"{SVG}rect")
            found.append((int(group.get("data-n")), group.get("aria-label"),
                          *(float(rect.get(key)) for key in ("x", "y", "width", "height"))))
    return found


def test_svg_is_well_formed_and_no_two_regions_are_over_each_other(write, tmp_path):
    path = write("p.json", documents.platform('a <b> & "c"'))
    draw(path, "--svg", tmp_path / "map.svg")
    root = xml.etree.ElementTree.parse(tmp_path / "map.svg").getroot()
    drawn = shapes(root)
    regions = picture(path)["regions"]
    assert len(drawn) == len(regions) + sum(one["pa"] is not None for one in regions)
    for n, label, x, y, width, height in drawn:
        assert regions[n]["label"] in label and regions[n]["rights"] in label
        assert height >= 18 and y + height <= float(root.get("viewBox").split()[3])
    for i, (_, _, x, y, width, height) in enumerate(drawn):
        for _, _, x2, y2, width2, height2 in drawn[:i]:
            assert x + width <= x2 + .2 or x2 + width2 <= x + .2 or y + height <= y2 + .2 or y2 + height2 <= y + .2
    assert 'a <b> & "c"' in "".join(root.itertext())


def test_the_page_is_one_file_that_loads_nothing(write, tmp_path):
    document = documents.platform("<b>x")
    document["registrations"][0]["name"] = "</script><b>x"
    draw(write("p.json", document), "--html", tmp_path / "map.html")
    text = (tmp_path / "map.html").read_text()
    assert set(re.findall(r"https?://[^\"' <]*", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<link|<img|<iframe|src=|@import|url\(|fetch\(|XMLHttp|import\(", text)
    assert text.count("</script>") == 2 and "<b>x" not in text


def test_the_same_platform_gives_the_same_bytes(write, tmp_path):
    path = write("p.json", documents.QEMU)
    for name in ("one", "two"):
        draw(path, "--html", tmp_path / f"{name}.html", "--svg", tmp_path / f"{name}.svg")
    for form in ("html", "svg"):
        assert (tmp_path / f"one.{form}").read_bytes() == (tmp_path / f"two.{form}").read_bytes()


def browse(path, fragment=""):
    """The page as Chromium has it once its script has run."""
    if not shutil.which("chromium"):
        pytest.skip("chromium is not installed")
    done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000",
                           "--dump-dom", f"file://{path}{fragment}"], capture_output=True, text=True,
                          timeout=3 * mmp.DEADLINE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_chromium_fills_the_page(write, tmp_path):
    path = write("p.json", documents.QEMU)
    draw(path, "--html", tmp_path / "map.html")
    regions = picture(path)["regions"]
    dom = browse(tmp_path / "map.html", "#0x9000808")
    assert "is a physical address in IO_SEC" in dom
    details = re.search(r'<section id="details".*?</section>', dom, re.S)[0]
    assert "CONSOLE_UART_BASE" in details and "secure P:rw- U:--- device" in details
    body = re.search(r'<table id="regions">.*?</table>', dom, re.S)[0]
    assert body.count('<tr tabindex="0">') == len(regions)
    assert dom.count('<details id="table-') == len(picture(path)["tables"])
    assert re.search(r'class="region[^"]*found"', dom)


def test_chromium_shows_the_fields_of_an_entry(write, tmp_path):
    draw(write("p.json", documents.QEMU), "--html", tmp_path / "map.html")
    dom = browse(tmp_path / "map.html", "#table=8")
    details = re.search(r'<section id="details".*?</section>', dom, re.S)[0]
    assert "Table 8, entry 112" in details and "NextTable" in details and "leads to" in details


def test_chromium_has_a_slider_where_there_are_two(write, tmp_path):
    before = write("a.json", documents.QEMU)
    after = write("b.json", documents.platform(documents.QEMU["name"], va_bits=36))
    draw(after, "--against", before, "--html", tmp_path / "map.html")
    dom = browse(tmp_path / "map.html")
    assert re.search(r'<label id="slide">', dom) and '<div id="before"' in dom
    assert "va_bits: 36, was 32" in re.search(r'<section id="changes">.*?</section>', dom, re.S)[0]
    draw(after, "--html", tmp_path / "alone.html")
    assert '<label id="slide" hidden' in browse(tmp_path / "alone.html")


KEYS = """<script>
const said = {}, press = (element, key) => element.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, bubbles: true }));
const focused = () => document.activeElement, rows = document.querySelectorAll("#regions tbody tr");
rows[0].focus(); press(rows[0], "ArrowDown"); said.down = focused() === rows[1];
press(rows[1], "End"); said.end = focused() === rows[rows.length - 1];
press(rows[2], "Enter"); said.enter = focused().dataset.n;
press(focused(), "ArrowUp"); said.up = focused().dataset.n;
document.getElementById("find").value = "CONSOLE"; press(document.getElementById("find"), "Enter");
said.found = focused().getAttribute("aria-label");
const table = document.getElementById("table-8"); table.open = true; table.dispatchEvent(new Event("toggle"));
const link = [...table.querySelectorAll("tbody tr")].find(row => row.textContent.includes("table 9"));
press(link, "Enter"); said.table = focused().parentNode.id + " " + focused().parentNode.open;
said.unnamed = [...document.querySelectorAll("input, section[id=details], svg, svg [tabindex]")].filter(
  one => !one.getAttribute("aria-label") && !one.closest("label")).length;
document.body.append(JSON.stringify(said));
</script>"""


def test_the_keyboard_leads_everywhere(write, tmp_path):
    draw(write("p.json", documents.QEMU), "--html", tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text()
    (tmp_path / "keys.html").write_text(page.replace("</body>", KEYS + "</body>"))
    said = json.loads(re.search(r'\{"down".*?\}', browse(tmp_path / "keys.html"))[0])
    assert said["down"] and said["end"] and (said["enter"], said["up"]) == ("2", "1")
    assert "CONSOLE_UART_BASE" in said["found"] and said["table"] == "table-9 true" and said["unnamed"] == 0


def device(name, addr, size="0x200000"):
    return {"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC", "name": name, "addr": addr, "size": size}


@pytest.fixture
def changed(write):
    """Two platforms: a device that is gone, one that moved, one that grew where it is, and a new one."""
    before, after = documents.platform("p"), documents.platform("p")
    before["registrations"] += [device("OLD", "0xa000000"), device("MOVES", "0xa800000"), device("GROWS", "0xb000000")]
    after["registrations"] += [device("NEW", "0xc000000"), device("MOVES", "0xac00000"),
                               device("GROWS", "0xb000000", "0x400000")]
    return write("before.json", before), write("after.json", after)


def marks(svg, space):
    """Of the regions with a name in one space: what they are marked as, and their label."""
    return {name: (group.get("class").split()[2:], group.get("aria-label"))
            for group in svg.iter(f"{SVG}g") for name in ("OLD", "NEW", "MOVES", "GROWS", "GICD_BASE")
            if f" {name} " in (group.get("aria-label") or "") and f", {space} 0x" in group.get("aria-label").split(name)[1]}


def test_what_changed_is_marked_in_the_picture(changed, tmp_path):
    before, after = changed
    draw(after, "--against", before, "--svg", tmp_path / "map.svg")
    svg = xml.etree.ElementTree.parse(tmp_path / "map.svg").getroot()
    physical, virtual = marks(svg, "PA"), marks(svg, "VA")
    assert {name: change for name, (change, _) in physical.items()} == {
        "OLD": ["gone"], "NEW": ["new"], "MOVES": ["moved"], "GROWS": ["changed"], "GICD_BASE": []}
    # In virtual space those behind the one that is gone follow.
    assert {name: change for name, (change, _) in virtual.items()} == {
        "OLD": ["gone"], "NEW": ["new"], "MOVES": ["moved"], "GROWS": ["moved"], "GICD_BASE": []}
    assert physical["OLD"][1].startswith("gone: ") and physical["NEW"][1].startswith("new: ")
    assert re.match(r"moved, was at VA 0x[0-9a-f]+, PA 0xa800000: IO_SEC MOVES", physical["MOVES"][1])
    assert "PA 0xb000000, 2M, secure P:rw- U:--- device: IO_SEC GROWS  4M" in physical["GROWS"][1]
    stripes = [group for group in svg.iter(f"{SVG}g") if group.find(f"{SVG}path[@class='hatch']") is not None]
    assert len(stripes) == 2 + 2 * 2  # the legend, and two regions in two spaces
    assert "+ IO_SEC NEW" in "".join(svg.itertext()) and "\u2212 IO_SEC OLD" in "".join(svg.itertext())


def test_a_picture_of_one_platform_has_no_marks(write, tmp_path):
    path = write("p.json", documents.QEMU)
    draw(path, "--svg", tmp_path / "alone.svg")
    assert 'class="hatch"' not in (tmp_path / "alone.svg").read_text()
    draw(path, "--against", path, "--svg", tmp_path / "same.svg")
    svg = xml.etree.ElementTree.parse(tmp_path / "same.svg").getroot()
    assert all(len(group.get("class").split()) == 2 for group in svg.iter(f"{SVG}g")
               if group.get("class").startswith("region"))


def test_the_page_says_in_words_what_is_marked(changed, tmp_path):
    before, after = changed
    draw(after, "--against", before, "--html", tmp_path / "map.html")
    dom = browse(tmp_path / "map.html", "#MOVES")
    assert re.search(r"Regions marked in the picture: 1 new, 1 gone, \d moved, 0 changed\.", dom)
    details = re.search(r'<section id="details".*?</section>', dom, re.S)[0]
    assert re.search(r"moved, was at VA 0x[0-9a-f]+, PA 0xa800000", details)
    body = re.search(r'<table id="regions">.*?</table>', dom, re.S)[0]
    assert "NEW" in body and "OLD" not in body
    # The picture before is for the eye: neither Tab nor a screen reader gets there.
    behind = re.search(r'<div id="before"[^>]*>.*?</svg>', dom, re.S)[0]
    assert "inert" in behind.split(">")[0] and "tabindex" not in behind and 'class="region secure gone"' in behind


def test_ten_thousand_regions_open_and_are_searched(write, tmp_path):
    document = json.loads((mmp.TOP / "tests" / "vectors" / "tfa-2.15" / "map" / "platform_fvp.json").read_text())
    one = document["registrations"][0]
    document["config"].update(max_mmap_regions=10001, max_xlat_tables=200)
    document["registrations"] = [
        dict(one, name=f"device {n}", pa=hex(0x1000_0000 + n * 0x2000), va=hex(0x1000_0000 + n * 0x2000), size="0x1000")
        for n in range(10000)] + [each for each in document["registrations"] if each["op"] == "init"]
    draw(write("many.json", document), "--html", tmp_path / "many.html")
    dom = browse(tmp_path / "many.html", "#0x12710800")
    assert "device 5000" in re.search(r'<section id="details".*?</section>', dom, re.S)[0]
    assert len(re.findall(r'<g class="region', dom)) == 20000
