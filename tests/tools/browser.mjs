// Starts the browsers of the system for the other scripts here, and prints results the way ./run counts them.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Writes settings by which a browser sees the fonts of npm's package only: how wide a text is must not depend on the machine. */
function fixedFonts(folder) {
  const fonts = fileURLToPath(new URL("node_modules/dejavu-fonts-ttf/ttf", import.meta.url));
  if (!existsSync(fonts)) throw new Error(`${fonts} is missing: remove node_modules, so that ./run installs it`);
  const names = { "sans-serif": "DejaVu Sans", serif: "DejaVu Serif", monospace: "DejaVu Sans Mono", "system-ui": "DejaVu Sans" };
  const alias = ([from, to]) => `<alias binding="same"><family>${from}</family><prefer><family>${to}</family></prefer></alias>`;
  const file = join(folder, "fonts.conf");
  writeFileSync(file, `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>${fonts}</dir><cachedir>${join(folder, "fonts")}</cachedir>${Object.entries(names).map(alias).join("")}</fontconfig>
`);
  return file;
}

/** Runs `work` with a fresh browser, `chrome` or `firefox`; with the same fonts on every machine unless those of this one are asked for. */
export async function withBrowser(name, work, { ownFonts = false } = {}) {
  const profile = mkdtempSync(join(tmpdir(), "gleaner-browser-"));
  const chrome = name === "chrome";
  const browser = await puppeteer.launch({
    browser: name,
    executablePath: chrome ? "/usr/bin/chromium" : "/usr/bin/firefox-esr",
    headless: true,
    userDataDir: profile,
    args: chrome ? FLAGS : [],
    // Firefox's sandbox reads fonts of the system only; Chromium has none either, by its flags.
    env: ownFonts ? process.env : { ...process.env, FONTCONFIG_FILE: fixedFonts(profile), MOZ_DISABLE_CONTENT_SANDBOX: "1" },
    protocolTimeout: 300_000,
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** The address of a local file. */
export const fileUrl = (file) => pathToFileURL(resolve(file)).href;

/** Prints one line for a check; `detail` is shown if it failed. */
export function check(name, passed, detail = "") {
  console.log(`${passed ? "ok  " : "FAIL"} ${name}${passed || !detail ? "" : `: ${detail}`}`);
}

/** Prints a line that is no check. */
export const note = (text) => console.log(`info ${text}`);
