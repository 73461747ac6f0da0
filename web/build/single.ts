// The page that checks the public log, twice: beside its script as the service's rules for pages want it, and as one
// file with everything in it, to be kept and opened where there is no line.

import type { Plugin } from "vite";

const page = (style: string, script: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
    <meta name="color-scheme" content="light dark" />
    <meta name="description" content="Is the public log of warnings what was signed?" />
    <title>Tocsin</title>
    ${style}
  </head>
  <body>
    <div id="verify"><noscript><p>This page needs JavaScript.</p></noscript></div>
    ${script}
  </body>
</html>
`;

/** Writes `NAME.html` and `NAME-offline.html` beside `NAME.mjs` and `NAME.css`. */
export function single(name: string): Plugin {
  return {
    name: "single",
    enforce: "post",
    apply: "build",
    generateBundle(_, bundle) {
      const [script, style] = [bundle[`${name}.mjs`], bundle[`${name}.css`]];
      if (script?.type !== "chunk" || style?.type !== "asset") throw new Error(`there is no ${name}.mjs or ${name}.css`);
      const code = script.code.replaceAll("</script", "<\\/script");
      const linked = page(
        `<link rel="icon" type="image/svg+xml" href="icon.svg" />\n    <link rel="stylesheet" href="${name}.css" />`,
        `<script type="module" src="${name}.mjs"></script>`,
      );
      const whole = page(`<style>${style.source}</style>`, `<script type="module">${code}</script>`);
      this.emitFile({ type: "asset", fileName: `${name}.html`, source: linked });
      this.emitFile({ type: "asset", fileName: `${name}-offline.html`, source: whole });
    },
  };
}
