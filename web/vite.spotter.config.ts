import { defineConfig } from "vite";

// The spotters' service worker: one file beside the page, as the public page's is.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "../src/tocsin/service/static",
    emptyOutDir: false,
    target: ["es2020", "chrome87", "firefox78", "safari14"],
    rolldownOptions: {
      input: "src/worker/spotter.ts",
      output: { format: "iife", entryFileNames: "spotter.js" },
    },
  },
});
