import { options, render } from "preact";
import { App } from "./app";

// What comes over the line is read in one turn and drawn in the next, so that a slow phone answers a tap in between.
options.debounceRendering = (draw) => setTimeout(draw);

const page = document.getElementById("page");
if (page !== null) {
  page.replaceChildren();
  render(<App />, page);
}
