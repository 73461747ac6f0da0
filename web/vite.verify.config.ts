import { defineConfig } from "vite";
import { single } from "./build/single.ts";

// The page that checks the public log: one module with all its languages in it, which Node.js can run, too.
export default defineConfig({
  publicDir: false,
  plugins: [single("verify")],
  build: {
    outDir: "../src/tocsin/service/static",
    emptyOutDir: false,
    target: ["es2022", "chrome94", "firefox93", "safari15.4"],
    cssCodeSplit: false,
    lib: { entry: "src/verify/main.tsx", formats: ["es"], fileName: () => "verify.mjs", cssFileName: "verify" },
  },
});
