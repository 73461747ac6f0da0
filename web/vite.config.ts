import { defineConfig } from "vite";
import { backdrop } from "./build/backdrop.ts";

export default defineConfig({
  plugins: [backdrop()],
  build: {
    outDir: "../src/tocsin/service/static",
    emptyOutDir: true,
    // Phones that are five years old; nothing is inlined, so that a strict Content-Security-Policy holds.
    target: ["es2020", "chrome87", "firefox78", "safari14"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One page each for the person at home, the duty officer and the spotter.
    rolldownOptions: { input: ["index.html", "operator.html", "spotter.html"] },
  },
});
