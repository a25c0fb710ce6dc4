"use strict";
(() => {
  const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (name) element.className = name;
    if (tag === "button") element.type = "button";
    return element;
  };
  const main = document.querySelector("main");

  // Copy buttons. Without the Clipboard API the text is selected instead.
  const copy = async (text, button, element) => {
    const word = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(element);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = word; }, 1500);
  };
  for (const pre of $("pre.cmd:not(.nocopy)")) {
    const box = make("div", "", "copy");
    const button = make("button", "Copy");
    button.addEventListener("click", () => copy(pre.textContent, button, pre));
    pre.replaceWith(box);
    box.append(pre, button);
  }
  for (const steps of $("ol.steps")) {
    const commands = $("pre.cmd:not(.nocopy)", steps);
    if (commands.length < 2) continue;
    const button = make("button", "Copy all commands");
    button.addEventListener("click", () => copy(commands.map((pre) => pre.textContent).join("\n"), button, steps));
    steps.after(button);
  }
  const ticket = document.getElementById("ticket");
  const tally = document.querySelector(".tally");
  if (ticket && tally) {
    const item = make("li");
    const button = make("button", "Copy ticket text");
    button.addEventListener("click", () => {
      ticket.closest("details").open = true;
      copy(ticket.textContent, button, ticket);
    });
    item.append(button);
    tally.append(item);
  }
  // A click on a long name copies it.
  main.addEventListener("click", (event) => {
    const code = event.target.closest("th code, td code, .names small");
    if (!code || getSelection().toString()) return;
    navigator.clipboard?.writeText(code.textContent).catch(() => {});
  });

  // The words of the time scale stand below their lines.
  for (const tick of $(".scale li")) {
    tick.style.left = tick.dataset.at;
    tick.classList.add("placed");
  }

  // A link to something that is folded away opens it.
  const unfold = (element) => {
    for (let up = element; up; up = up.parentElement?.closest("details")) if (up.tagName === "DETAILS") up.open = true;
  };
  const reveal = () => {
    const target = location.hash.length > 1 && !location.hash.includes("=") && document.getElementById(location.hash.slice(1));
    if (!target) return;
    unfold(target.closest("details"));
    const inner = target.querySelector(":scope > details");
    if (inner) inner.open = true;
    target.scrollIntoView();
  };

  // Tables that can be sorted, and that show the first rows of many until they are asked for all.
  const PAGE = 50;
  const number = (text) => {
    const found = /-?[\d,]*\.?\d+/.exec(text);
    return found ? Number(found[0].replaceAll(",", "")) : NaN;
  };
  for (const table of $("table.sortable")) {
    const body = table.tBodies[0];
    const page = () => [...body.rows].forEach((row, index) => row.classList.toggle("later", table.dataset.all !== "yes" && index >= PAGE));
    if (body.rows.length > PAGE) {
      const more = make("button", `Show all ${body.rows.length}`);
      more.addEventListener("click", () => { table.dataset.all = "yes"; page(); more.remove(); });
      table.parentElement.after(more);
      page();
    }
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = make("button", head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const numeric = head.classList.contains("num");
        const key = (row) => row.cells[column].textContent.trim();
        const compare = (a, b) => (numeric ? (number(a) || 0) - (number(b) || 0) : a < b ? -1 : a > b ? 1 : 0);
        const rows = [...body.rows].map((row) => [key(row), row]);
        rows.sort((a, b) => (down ? -1 : 1) * compare(a[0], b[0]));
        body.append(...rows.map((pair) => pair[1]));
        page();
      });
    });
  }

  // A list of bare names is text, a name a line, until it can be searched.
  for (const names of $("p.names")) {
    const list = make("ul", "", names.className);
    for (const name of names.textContent.split("\n")) list.append(make("li", name), "\n");
    names.replaceWith(list);
  }

  // One search over causes, VMs, hosts, volumes, disks and settings, and the groups that chips choose; both are in the address.
  const roots = $(".root");
  const items = $(".names > li, tbody > tr", main).filter((item) => !item.closest(".f, #coverage, #passed, #about, .path"));
  const lists = [...new Set(items.map((item) => item.closest("details, .scroll")))];
  const texts = new Map();
  const text = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const find = make("div", "", "find");
  const label = make("label", "Search ");
  const input = make("input");
  input.type = "search";
  input.id = "q";
  input.autocomplete = "off";
  input.placeholder = "cause, VM, volume, host, setting";
  input.title = "Press / to search, j and k to go from cause to cause";
  const output = make("output");
  output.htmlFor = "q";
  const clear = make("button", "Show everything");
  clear.hidden = true;
  label.append(input);
  find.append(label, output, clear);
  document.getElementById("status").before(find);
  const boxes = $(".filters input");
  let only = "";
  let opened = [];
  const show = (element, on) => { if (element.hidden === on) element.hidden = !on; };
  const search = () => {
    // The page writes UUIDs with their first eight digits in places.
    const typed = input.value.toLowerCase().replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f-]*/g, "$1");
    const words = typed.split(/\s+/).map((word) => word.replace(/^pvc-/, "")).filter(Boolean);
    const hit = (element) => words.every((word) => text(element).includes(word));
    let causes = 0;
    for (const root of roots) {
      const on = hit(root) && (!only || Boolean(root.closest(`.${only}`)));
      show(root, on);
      if (on) causes += 1;
    }
    for (const group of $(".group")) show(group, !(words.length || only) || Boolean(group.querySelector(".root:not([hidden])")));
    let found = 0;
    const hits = new Set();
    for (const item of items) {
      const on = hit(item);
      show(item, on);
      if (on && words.length) {
        found += 1;
        hits.add(item.closest("details.vms, details.stock, details.more"));
      }
    }
    for (const list of lists) show(list, !words.length || Boolean(list.querySelector("li:not([hidden]), tbody > tr:not([hidden])")));
    for (const details of opened) if (!hits.has(details)) details.open = false;
    opened = opened.filter((details) => hits.has(details));
    if (words.length && found <= 500) {
      for (const details of hits) if (details && !details.open) { unfold(details); opened.push(details); }
    }
    const parts = [`${causes} of ${roots.length} causes`];
    if (words.length) parts.push(`${found} rows`);
    output.textContent = words.length || only ? parts.join(", ") : "";
    clear.hidden = !words.length && !only && boxes.every((box) => box.checked);
    for (const chip of $("[data-only]")) {
      if (only && chip.dataset.only === only) chip.setAttribute("aria-current", "true");
      else chip.removeAttribute("aria-current");
    }
  };
  const store = () => {
    const state = new URLSearchParams();
    if (input.value.trim()) state.set("q", input.value.trim());
    if (only) state.set("only", only);
    const off = boxes.filter((box) => !box.checked).map((box) => box.id);
    if (off.length) state.set("off", off.join(" "));
    history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
  };
  const load = () => {
    if (!location.hash.includes("=")) return;
    const state = new URLSearchParams(location.hash.slice(1));
    input.value = state.get("q") ?? "";
    only = /^g-[a-z]+$/.test(state.get("only") ?? "") ? state.get("only") : "";
    const off = (state.get("off") ?? "").split(" ");
    for (const box of boxes) box.checked = !off.includes(box.id);
    search();
  };
  const change = () => { search(); store(); };
  input.addEventListener("input", change);
  const reset = () => {
    input.value = "";
    only = "";
    for (const box of boxes) box.checked = true;
    change();
  };
  clear.addEventListener("click", reset);
  for (const box of boxes) box.addEventListener("change", change);
  main.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-only], a[data-find]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.only) only = only === link.dataset.only ? "" : link.dataset.only;
    else input.value = input.value === link.dataset.find ? "" : link.dataset.find;
    change();
  });
  addEventListener("hashchange", () => { reveal(); load(); });
  reveal();
  load();

  // Keys: / searches, j and k go from cause to cause, Escape shows everything again.
  let at = -1;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !clear.hidden) { reset(); return; }
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.key === "/") { event.preventDefault(); input.focus(); return; }
    const step = { j: 1, k: -1 }[event.key];
    const shown = roots.filter((root) => root.checkVisibility());
    if (!step || !shown.length) return;
    at = Math.min(Math.max(at + step, 0), shown.length - 1);
    for (const root of roots) root.classList.toggle("at", root === shown[at]);
    shown[at].scrollIntoView({ block: "start" });
    shown[at].querySelector("summary").focus({ preventScroll: true });
  });

  // The section that is read is marked in the rail.
  const links = new Map($(".side a").map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const section of $("main > [id]")) seen.observe(section);

  // On paper the causes that are open are shown, and with the appendix everything is.
  addEventListener("beforeprint", () => {
    if (document.body.classList.contains("appendix")) for (const details of $(".stock, .more, .group")) details.open = true;
  });
})();
