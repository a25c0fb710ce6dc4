// Starts the browsers of the system for the other scripts here, and prints results the way ./run counts them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Runs `work` with a fresh browser: `chrome` or `firefox`. */
export async function withBrowser(name, work) {
  const profile = mkdtempSync(join(tmpdir(), "gleaner-browser-"));
  const chrome = name === "chrome";
  const browser = await puppeteer.launch({
    browser: name,
    executablePath: chrome ? "/usr/bin/chromium" : "/usr/bin/firefox-esr",
    headless: true,
    userDataDir: profile,
    args: chrome ? FLAGS : [],
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
