// Lighthouse over loopback, for it refuses file addresses: accessibility and best practices must be 100.
// Usage: node lighthouse.mjs report.html

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import lighthouse from "lighthouse";
import { check, withBrowser } from "./browser.mjs";

const page = readFileSync(process.argv[2]);
const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(page);
});
await new Promise((ready) => { server.listen(0, "127.0.0.1", ready); });
try {
  await withBrowser("chrome", async (browser) => {
    const address = `http://127.0.0.1:${server.address().port}/report.html`;
    const { port } = new URL(browser.wsEndpoint());
    const categories = ["accessibility", "best-practices"];
    const result = await lighthouse(address, { port: Number(port), onlyCategories: categories, logLevel: "silent" });
    for (const name of categories) {
      const category = result.lhr.categories[name];
      const low = category.auditRefs.filter((ref) => ref.weight > 0 && (result.lhr.audits[ref.id].score ?? 1) < 1).map((ref) => ref.id);
      check(`${name} ${Math.round(category.score * 100)}`, category.score === 1, low.join(" "));
    }
  });
} finally {
  server.close();
}
