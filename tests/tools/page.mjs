// What a page does in a browser: no request, no script of the bundle's, all text without JavaScript, deep links, filters,
// themes, narrow screens and paper.
// Usage: node page.mjs chrome|firefox report.html [MAX_PAGES]

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, fileUrl, withBrowser } from "./browser.mjs";

const [name, file, maxPages] = process.argv.slice(2);
const chrome = name === "chrome";
const folder = mkdtempSync(join(tmpdir(), "gleaner-page-"));
// Firefox has no switch for scripts over BiDi, so the page without them is a copy with the script cut out.
const still = join(folder, "still.html");
writeFileSync(still, readFileSync(file, "utf8").replace(/<script>[\s\S]*<\/script>/, ""));

/** The text of the page's main part, without what the script adds. */
const text = (page) => page.evaluate(() => {
  const main = document.querySelector("main").cloneNode(true);
  main.querySelectorAll("button:not(th button), .find").forEach((element) => element.remove());
  return main.textContent.replace(/\s+/g, " ").trim();
});
const shown = (page, selector) => page.evaluate((s) => {
  const element = document.querySelector(s);
  return Boolean(element) && element.checkVisibility({ contentVisibilityAuto: true });
}, selector);
const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

async function open(browser, address, scripts = true) {
  const page = await browser.newPage();
  if (!scripts && chrome) await page.setJavaScriptEnabled(false);
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(address);
  return page;
}

async function harmless(browser) {
  const page = await browser.newPage();
  const requests = [];
  const dialogs = [];
  const messages = [];
  page.on("request", (request) => { if (!/^(file|data):/.test(request.url())) requests.push(request.url()); });
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  await page.goto(fileUrl(file));
  const title = await page.title();
  check("no request besides the file", requests.length === 0, requests.join(" "));
  check("no dialog, no console message", dialogs.length + messages.length === 0, [...dialogs, ...messages].join(" | "));
  check("title is ours and short", !title.includes("pwned") && title.length <= 70, title);
  const counts = await page.evaluate(() => ({
    scripts: document.scripts.length, styles: document.querySelectorAll("style").length, h1: document.querySelectorAll("h1").length,
    loaders: document.querySelectorAll("img, iframe, object, embed, base, form, video, audio, link:not([rel=icon])").length,
    styled: document.querySelectorAll("[style]:not(.placed)").length,
    handlers: [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).length,
    applied: getComputedStyle(document.querySelector(".page")).display,
  }));
  const expected = { scripts: 1, styles: 1, h1: 1, loaders: 0, styled: 0, handlers: 0, applied: "grid" };
  check("only our script and style, applied", JSON.stringify(counts) === JSON.stringify(expected), JSON.stringify(counts));
  await page.close();
}

async function still_life(browser) {
  const page = await open(browser, fileUrl(file));
  const plain = await open(browser, fileUrl(still), false);
  const [moving, standing] = [await text(page), await text(plain)];
  check("all text without JavaScript", moving === standing && moving.length > 500, `${moving.length} and ${standing.length}`);

  const light = await background(plain);
  await plain.click("#th-d");
  const dark = await background(plain);
  await plain.click("#th-l");
  check("theme without JavaScript", dark !== light && (await background(plain)) === light, `${light} ${dark}`);

  const first = await plain.evaluate(() => document.querySelector(".f")?.className.split(" ")[1]);
  if (first && (await plain.$(`#s-${first}`))) {
    await plain.click(`#s-${first}`);
    check("filter without JavaScript", !(await shown(plain, `.f.${first}`)));
  }
  const closed = await plain.evaluate(() => [...document.querySelectorAll(".f")].find((f) => !f.firstElementChild.open)?.id);
  if (closed) {
    const linked = await open(browser, `${fileUrl(still)}#${closed}`, false);
    check("deep link without JavaScript", await shown(linked, `#${closed} .body`));
    const scripted = await open(browser, `${fileUrl(file)}#${closed}`);
    check("deep link opens its finding", await scripted.evaluate((id) => document.getElementById(id).firstElementChild.open, closed));
    await linked.close();
    await scripted.close();
  }
  await page.close();
  await plain.close();
}

/** The search, the filters and the keys, with what they leave in the address. */
async function searching(browser) {
  const page = await open(browser, fileUrl(file));
  const roots = () => page.evaluate(() => [...document.querySelectorAll(".root")].filter((root) => root.checkVisibility()).map((root) => root.id));
  const all = await roots();
  await page.keyboard.press("/");
  check("/ goes to the search", await page.evaluate(() => document.activeElement.id === "q"));
  await page.keyboard.type("zzqx");
  check("a search that finds nothing hides all causes", (await roots()).length === 0 && page.url().endsWith("#q=zzqx"), page.url());
  await page.keyboard.press("Escape");
  check("Escape shows everything again", (await roots()).length === all.length && !page.url().includes("q="), page.url());
  if (all.length > 1) {
    const rule = await page.evaluate(() => document.querySelector(".root .rule").textContent);
    await page.type("#q", rule);
    const found = await roots();
    const again = await open(browser, page.url());
    const reopened = await again.evaluate(() => [...document.querySelectorAll(".root")].filter((root) => root.checkVisibility()).map((root) => root.id));
    check("an address keeps its search", found.length > 0 && found.length < all.length && String(found) === String(reopened), `${found} and ${reopened}`);
    await again.close();
    await page.keyboard.press("Escape");
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("j");
    check("j goes to the first cause", await page.evaluate(() => document.querySelector(".root").contains(document.activeElement)));
    await page.click("#s-blocker");
    const off = await open(browser, page.url());
    check("an address keeps its filters", page.url().includes("off=s-blocker") && !(await off.$eval("#s-blocker", (box) => box.checked)), page.url());
    await off.close();
  }
  await page.close();
}

async function narrow_and_paper(browser) {
  const page = await open(browser, fileUrl(still), false);
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.setViewport({ width: 320, height: 800 });
  check("320 px without scrolling sideways", (await overflow()) <= 0, String(await overflow()));
  if (chrome) {
    await page.setViewport({ width: 680, height: 900 });
    await page.emulateMediaType("print");
    const boxes = await page.evaluate(() => [...document.querySelectorAll(".scroll")].filter((b) => b.scrollWidth > b.clientWidth + 1).length);
    check("paper cuts no column", (await overflow()) <= 0 && boxes === 0, `${await overflow()} px, ${boxes} boxes`);
    const open = await page.$(".f > details[open] .body");
    if (open) check("paper shows the open causes", await open.evaluate((e) => e.checkVisibility({ contentVisibilityAuto: true })));
    const rows = await page.evaluate(() => [...document.querySelectorAll(".root")].filter((e) => !e.checkVisibility({ contentVisibilityAuto: true })).length);
    check("paper has a row for each cause", rows === 0, `${rows} are hidden`);
    const pdf = await page.pdf({ format: "A4", tagged: true });
    const info = spawnSync("pdfinfo", ["-"], { input: pdf, encoding: "utf8" }).stdout;
    const pages = Number(/Pages:\s+(\d+)/.exec(info)?.[1] ?? Infinity);
    check("PDF is tagged", /Tagged:\s+yes/.test(info));
    if (maxPages) check(`${pages} pages of paper <= ${maxPages}`, pages <= Number(maxPages));
  }
  await page.close();
}

try {
  await withBrowser(name, async (browser) => {
    await harmless(browser);
    await still_life(browser);
    await searching(browser);
    await narrow_and_paper(browser);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
