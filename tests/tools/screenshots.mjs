// The first screen of a page, light and dark, and sections of it by their ids, as PNG of at most 300 kB each.
// Usage: node screenshots.mjs report.html FOLDER [SECTION...]

import { statSync } from "node:fs";
import { join } from "node:path";
import { fileUrl, withBrowser } from "./browser.mjs";

const [file, folder, ...sections] = process.argv.slice(2);
const most = 300_000;

function told(path) {
  const { size } = statSync(path);
  console.log(`${path}: ${size} bytes`);
  if (size > most) throw new Error(`${path} is larger than ${most} bytes`);
}

await withBrowser("chrome", async (browser) => {
  for (const scheme of ["light", "dark"]) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(fileUrl(file));
    const path = join(folder, `${scheme}.png`);
    await page.screenshot({ path, type: "png" });
    await page.close();
    told(path);
  }
  for (const section of sections) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(`${fileUrl(file)}#${section}`);
    // What is open in a gallery shows more than what is closed.
    await page.evaluate((id) => document.querySelectorAll(`#${id} > details`).forEach((details) => { details.open = true; }), section);
    const { x, y, width, height } = await (await page.$(`#${section}`)).boundingBox();
    const top = await page.evaluate(() => scrollY);
    const path = join(folder, `${section}.png`);
    await page.screenshot({ path, type: "png", captureBeyondViewport: true, clip: { x, y: y + top, width, height: Math.min(height, 900) } });
    await page.close();
    told(path);
  }
  const phone = await browser.newPage();
  await phone.setViewport({ width: 390, height: 844 });
  await phone.goto(fileUrl(file));
  const path = join(folder, "phone.png");
  await phone.screenshot({ path, type: "png" });
  told(path);
}, { ownFonts: true });
