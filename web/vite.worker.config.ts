import { defineConfig } from "vite";
import { shell } from "./build/shell.ts";

// The service worker: one file beside the page, under a name that never changes, for browsers that know no modules there.
export default defineConfig({
  publicDir: false,
  plugins: [shell("../src/tocsin/service/static")],
  build: {
    outDir: "../src/tocsin/service/static",
    emptyOutDir: false,
    target: ["es2020", "chrome87", "firefox78", "safari14"],
    rolldownOptions: {
      input: "src/worker/worker.ts",
      output: { format: "iife", entryFileNames: "worker.js" },
    },
  },
});
