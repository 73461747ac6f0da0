import { render } from "preact";
import { App } from "./app";
import { codeIn } from "./view/joining";

// The code is out of the address, and of what a look at the screen or at the history tells, before anything is shown.
const code = location.hash.length > 1 ? codeIn(location.hash) : "";
if (code !== "") history.replaceState(null, "", location.pathname);

const page = document.getElementById("page");
if (page !== null) {
  page.replaceChildren();
  render(<App code={code} />, page);
}

/** What this page was made of, once it is quiet: it is kept for when there is no line. */
function tell(worker: ServiceWorker | null): void {
  const paths = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
  worker?.postMessage([...new Set(paths.filter((path) => path.startsWith("/assets/")))]);
}

if ("serviceWorker" in navigator) {
  addEventListener("load", () => {
    navigator.serviceWorker
      .register("/spotter.js", { scope: "/spotter" })
      .then(() => navigator.serviceWorker.ready)
      .then(({ active }) => setTimeout(() => tell(active), 2_000))
      .catch((error) => console.warn("tocsin: this page does not work without a line here", error));
  });
}
