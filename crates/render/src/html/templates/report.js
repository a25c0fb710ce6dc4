"use strict";
(() => {
  const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (name) element.className = name;
    return element;
  };

  // Copy buttons. Without the Clipboard API the text is selected instead.
  const copy = async (pre, button) => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  for (const pre of $("pre.cmd:not(.nocopy)")) {
    const box = make("div", "", "copy");
    const button = make("button", "Copy");
    button.type = "button";
    button.addEventListener("click", () => copy(pre, button));
    pre.replaceWith(box);
    box.append(pre, button);
  }

  // A link to a closed finding opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    const inner = target.querySelector(":scope > details");
    if (inner) inner.open = true;
    for (let up = target.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // On paper nothing important is folded away.
  addEventListener("beforeprint", () => {
    for (const details of $(".f.blocker > details, .f.warning > details")) details.open = true;
  });

  // Search in findings, and opening all of them.
  const findings = $(".f");
  const filters = $(".filters")[0];
  if (!filters) return;
  const texts = new Map();
  const text = (finding) => {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  };
  const tools = make("div", "", "tools");
  const label = make("label", "Search ");
  const input = make("input");
  input.type = "search";
  input.id = "q";
  input.autocomplete = "off";
  label.append(input);
  const output = make("output");
  output.htmlFor = "q";
  const search = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const finding of findings) {
      const hit = words.every((word) => text(finding).includes(word));
      if (finding.hidden === hit) finding.hidden = !hit;
      if (hit) shown += 1;
    }
    output.textContent = words.length ? `${shown} of ${findings.length} findings` : "";
  };
  input.addEventListener("input", search);
  const all = make("button", "Open all");
  all.type = "button";
  all.addEventListener("click", () => {
    const open = all.textContent === "Open all";
    for (const finding of findings) finding.firstElementChild.open = open;
    all.textContent = open ? "Close all" : "Open all";
  });
  tools.append(label, output, all);
  filters.append(tools);
})();
