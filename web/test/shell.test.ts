import { beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("virtual:shell", () => ({ FILES: ["/", "/assets/page-1.js", "/icon-192.png"], VERSION: "new" }));

const HERE = "https://tocsin.example";
const pathOf = (asked: Request | string) => new URL(typeof asked === "string" ? asked : asked.url, HERE).pathname;

/** What browsers keep, as far as the worker uses it. */
class FakeCache {
  readonly kept = new Map<string, string>();
  async match(asked: Request | string) {
    const found = this.kept.get(pathOf(asked));
    return found === undefined ? undefined : new Response(found);
  }
  async put(asked: Request | string, answer: Response) {
    this.kept.set(pathOf(asked), await answer.text());
  }
  async add(asked: Request | string) {
    const answer = await fetch(asked as string);
    if (!answer.ok) throw new TypeError("not ok");
    await this.put(asked, answer);
  }
  async addAll(all: Request[]) {
    for (const one of all) await this.add(one);
  }
  async keys() {
    return [...this.kept.keys()];
  }
}

let stores: Map<string, FakeCache>;
let serve: (path: string) => Response;
beforeEach(() => {
  stores = new Map();
  serve = (path) => new Response(`served ${path}`);
  vi.stubGlobal("Request", class extends Request {
    constructor(asked: string, options?: RequestInit) {
      super(new URL(asked, HERE), options);
    }
  });
  vi.stubGlobal("caches", {
    open: async (name: string) => stores.get(name) ?? stores.set(name, new FakeCache()).get(name),
    keys: async () => [...stores.keys()],
    delete: async (name: string) => stores.delete(name),
    match: async (asked: string) => {
      for (const store of stores.values()) if (store.kept.has(pathOf(asked))) return store.match(asked);
      return undefined;
    },
  });
  vi.stubGlobal("fetch", async (asked: Request | string) => serve(pathOf(asked)));
});

const { answerTo, install, keepSeen, tidy } = await import("../src/worker/shell");
const get = (path: string, mode = "cors") => ({ url: `${HERE}${path}`, method: "GET", mode }) as unknown as Request;
const text = async (path: string, mode?: string) => (await answerTo(get(path, mode), HERE))?.text();

describe("the page that is kept", () => {
  it("opens without a line, whole", async () => {
    await install();
    serve = () => {
      throw new TypeError("no line");
    };
    expect(await text("/", "navigate")).toBe("served /");
    expect(await text("/assets/page-1.js")).toBe("served /assets/page-1.js");
  });
  it("is of one version: what is newer comes with the newer worker, and the version before stays for open pages", async () => {
    for (const old of ["tocsin.shell.oldest", "tocsin.shell.old"]) await (await caches.open(old)).put("/assets/map-0.js", new Response(old));
    await install();
    await tidy();
    expect([...stores.keys()].sort()).toEqual(["tocsin.shell.new", "tocsin.shell.old"]);
    expect(await text("/assets/map-0.js")).toBe("tocsin.shell.old");
  });
  it("never answers how zones stand, nor for the other pages", () => {
    for (const path of ["/v1/zones", "/v1/events", "/v1/warnings", "/plain"]) expect(answerTo(get(path), HERE)).toBeNull();
    expect(answerTo(get("/operator", "navigate"), HERE)).toBeNull();
    expect(answerTo({ ...get("/"), url: "https://elsewhere.example/assets/x.js" } as Request, HERE)).toBeNull();
    expect(answerTo({ ...get("/"), url: `${HERE}/assets/x.js`, method: "POST" } as Request, HERE)).toBeNull();
  });
  it("has outlines from the service, and the last ones where that fails", async () => {
    expect(await text("/v1/outlines")).toBe("served /v1/outlines");
    serve = () => new Response("starting", { status: 503 });
    expect(await text("/v1/outlines")).toBe("served /v1/outlines");
    expect((await answerTo(get("/v1/shelters"), HERE))?.status).toBe(503);
  });
  it("keeps what a page fetched before there was a worker, and nothing of strangers", async () => {
    await keepSeen([`${HERE}/assets/uk-1.js`, "https://elsewhere.example/assets/x.js", `${HERE}/v1/zones`, `${HERE}/v1/outlines`, 3], HERE);
    expect([...(stores.get("tocsin.shell.new")?.kept.keys() ?? [])]).toEqual(["/assets/uk-1.js"]);
    expect([...(stores.get("tocsin.data")?.kept.keys() ?? [])]).toEqual(["/v1/outlines"]);
  });
  it("is not installed in part", async () => {
    serve = (path) => (path === "/" ? new Response("", { status: 503 }) : new Response(""));
    await expect(install()).rejects.toThrow();
  });
});
