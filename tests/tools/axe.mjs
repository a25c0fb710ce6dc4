// axe-core over a page: light, dark, 320 px, print and everything open. Wants no violation and nothing undecided.
// Contrast is measured with wide lines: axe cannot tell the background of glyphs that are taller than their line, and how tall
// they are depends on the fonts of the machine (those for Chinese need 1.45 em, and the lines on paper have 1.2). Colours stay.
// Usage: node axe.mjs report.html

import { readFileSync } from "node:fs";
import { check, fileUrl, withBrowser } from "./browser.mjs";

const file = process.argv[2];
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const variants = [
  { name: "light", scheme: "light", width: 1280 },
  { name: "dark", scheme: "dark", width: 1280 },
  { name: "320 px", scheme: "light", width: 320 },
  { name: "print", scheme: "dark", width: 720, media: "print" },
  { name: "all open, light", scheme: "light", width: 1280, open: true },
  { name: "all open, dark", scheme: "dark", width: 1280, open: true },
];

await withBrowser("chrome", async (browser) => {
  for (const variant of variants) {
    const page = await browser.newPage();
    await page.setBypassCSP(true);
    await page.setViewport({ width: variant.width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: variant.scheme }]);
    if (variant.media) await page.emulateMediaType(variant.media);
    await page.goto(fileUrl(file));
    if (variant.open) await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
    const session = await page.createCDPSession();
    await session.send("Runtime.evaluate", { expression: axe });
    const run = (options) => page.evaluate((o) => axe.run(document, o), options);
    const rules = await run({ runOnly: { type: "tag", values: tags }, rules: { "color-contrast": { enabled: false } } });
    await page.addStyleTag({ content: "* { line-height: 2 !important; }" });
    const contrast = await run({ runOnly: { type: "rule", values: ["color-contrast"] } });
    const bad = [rules, contrast].flatMap((result) => [...result.violations, ...result.incomplete]);
    const detail = bad.map((rule) => `${rule.id} ${rule.nodes.length}x ${rule.nodes[0].target} ${rule.nodes[0].any[0]?.message ?? rule.help}`);
    check(variant.name, bad.length === 0, detail.join(" | "));
    await page.close();
  }
});
