// Handing on what is said of a place, with its time: a word without its time is a rumour.

export type Shared = "shared" | "copied" | "failed";

export async function share(text: string, url: string): Promise<Shared> {
  const whole = `${text} ${url}`;
  try {
    if ("share" in navigator) {
      await navigator.share({ text, url });
      return "shared";
    }
    await (navigator as Navigator).clipboard.writeText(whole);
    return "copied";
  } catch (error) {
    // Who closes the sheet has changed his mind.
    return error instanceof DOMException && error.name === "AbortError" ? "shared" : "failed";
  }
}
