// What a device must have to show the page without a line: told to the service worker when that is built, after the page.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "vite";

const BESIDE = ["/manifest.webmanifest", "/icon-192.png"];

/** The page and what it names: its script, what that needs before it runs, its style sheet and icon. */
function filesOf(html: string): string[] {
  const named = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
  return ["/", ...new Set(named), ...BESIDE];
}

/** `virtual:shell`: the paths, and a version that changes with any of them. */
export function shell(built: string): Plugin {
  const id = "virtual:shell";
  return {
    name: "shell",
    apply: "build",
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load(source) {
      if (source !== `\0${id}`) return null;
      const folder = resolve(import.meta.dirname, "..", built);
      const read = (path: string) => readFileSync(join(folder, path === "/" ? "index.html" : path));
      const files = filesOf(read("/").toString());
      const hash = createHash("sha256");
      for (const path of files) hash.update(path).update(read(path));
      return [
        `export const FILES = ${JSON.stringify(files)};`,
        `export const VERSION = ${JSON.stringify(hash.digest("hex").slice(0, 12))};`,
      ].join("\n");
    },
  };
}
