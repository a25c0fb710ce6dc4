// The first screen of a page, light and dark, as PNG of at most 200 kB each.
// Usage: node screenshots.mjs report.html FOLDER

import { statSync } from "node:fs";
import { join } from "node:path";
import { fileUrl, withBrowser } from "./browser.mjs";

const [file, folder] = process.argv.slice(2);
const most = 200_000;

await withBrowser("chrome", async (browser) => {
  for (const scheme of ["light", "dark"]) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(fileUrl(file));
    const path = join(folder, `${scheme}.png`);
    await page.screenshot({ path, type: "png" });
    await page.close();
    const { size } = statSync(path);
    console.log(`${path}: ${size} bytes`);
    if (size > most) throw new Error(`${path} is larger than ${most} bytes`);
  }
}, { ownFonts: true });
