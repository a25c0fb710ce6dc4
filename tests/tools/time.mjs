// Size of a page, and how long three loads, a filter and a search took in the median.
// Usage: node time.mjs report.html MAX_MEGABYTES MAX_NODES

import { statSync } from "node:fs";
import { check, fileUrl, note, withBrowser } from "./browser.mjs";

const [file, megabytes, nodes] = process.argv.slice(2);
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

await withBrowser("chrome", async (browser) => {
  const runs = [];
  for (let run = 0; run < 3; run += 1) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(fileUrl(file));
    await new Promise((done) => { setTimeout(done, 1000); });
    runs.push(await page.evaluate(async () => {
      const frame = () => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });
      const spent = async (act) => {
        await frame();
        const start = performance.now();
        act();
        document.body.getBoundingClientRect();
        return performance.now() - start;
      };
      const box = document.querySelector("#s-warning");
      const input = document.querySelector("#q");
      const type = (words) => () => { input.value = words; input.dispatchEvent(new Event("input")); };
      return {
        nodes: document.querySelectorAll("*").length,
        fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity,
        dcl: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
        filter: await spent(() => box.click()),
        search: await spent(type("replica harvester-1")),
        again: await spent(type("replica certificate")),
      };
    }));
    await page.close();
  }
  const of = (key) => median(runs.map((run) => run[key]));
  const size = statSync(file).size / 1e6;
  check(`size ${size.toFixed(2)} MB <= ${megabytes} MB`, size <= Number(megabytes));
  check(`${of("nodes")} DOM nodes <= ${nodes}`, of("nodes") <= Number(nodes));
  // How long it took says as much about the machine as about the page: it is told, not judged.
  const times = ["fcp", "dcl", "filter", "search", "again"].map((key) => `${key} ${Math.round(of(key))} ms`);
  note(times.join(", "));
});
