// The page, and for Node.js the check alone.

import { render } from "preact";
import { App } from "./app";
import "./styles/page.css";

export { keyIn } from "./check/history";
export { verify } from "./check/verify";

if (typeof document !== "undefined") {
  const page = document.getElementById("verify");
  if (page !== null) {
    page.replaceChildren();
    render(<App />, page);
  }
}
