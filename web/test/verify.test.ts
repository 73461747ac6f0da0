import { beforeAll, describe, expect, it } from "vitest";
import { fromHex, type Hash, hex, joined, sha256, utf8 } from "../src/verify/check/bytes.ts";
import { Edge, type Key, keyIn, leafHash } from "../src/verify/check/history.ts";
import { verify } from "../src/verify/check/verify.ts";

// Leaves and roots of the reference implementation of RFC 6962.
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

interface Signer {
  readonly key: Key;
  head(size: number, root: string, time: string, more?: object): Promise<object>;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const LOG = "0".repeat(32);

async function signer(): Promise<Signer> {
  const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const pair = await crypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const der = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const key = await keyIn(`-----BEGIN PUBLIC KEY-----\n${base64(der)}\n-----END PUBLIC KEY-----\n`);
  return {
    key,
    async head(size, root, time, more = {}) {
      const words = utf8(`tocsin signed head\n${LOG}\n${size}\n${root}\n${time}\n`);
      const signature = base64(new Uint8Array(await crypto.subtle.sign(ecdsa, pair.privateKey, words)));
      return { log: LOG, size, root, time, key: key.fingerprint, signature, ...more };
    },
  };
}

interface Entry {
  index: number;
  public: boolean;
  salt?: string;
  kind?: string;
  id?: string;
  content?: string;
  commitment?: string;
}

const entry = (index: number, text = `{"zone":"z${index}"}`): Entry => ({
  index,
  public: true,
  salt: hex(utf8(`salt${text}${index}`.padEnd(16, "-").slice(-16))),
  kind: "warning",
  id: `z${index}/1`,
  content: text,
});

async function leafOf(one: Entry): Promise<Hash> {
  const text = joined(fromHex(one.salt ?? ""), utf8(`${one.kind}\n${one.id}\n${one.content}`));
  return leafHash(joined(Uint8Array.of(1), await sha256(text)));
}

const second = (count: number) => `2026-03-01T03:00:${String(count).padStart(2, "0")}Z`;

/** Heads over entries, `every` to each; the first so many have heads already. */
async function headsOf(by: Signer, entries: Entry[], every: number, from = 0, late = 0): Promise<object[]> {
  const leaves = await Promise.all(entries.map(leafOf));
  const heads = [];
  for (let size = from + every; size <= entries.length; size += every) {
    const root = await (await Edge.EMPTY.with(leaves.slice(0, size))).root();
    const named = joined(...leaves.slice(size - every, size));
    heads.push(await by.head(size, root, second(late + size), { first: size - every, leaves: base64(named) }));
  }
  return heads;
}

/** A list with another thing in a place, or one more before it. */
const put = <T>(list: readonly T[], at: number, one: T, instead = 1): T[] => [...list.slice(0, at), one, ...list.slice(at + instead)];

const file = (lines: readonly (object | string)[]) =>
  utf8(lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));

let by: Signer;
let entries: Entry[];
let heads: object[];
beforeAll(async () => {
  by = await signer();
  entries = Array.from({ length: 20 }, (_, index) => entry(index));
  heads = await headsOf(by, entries, 5);
});

async function found(lines: readonly (object | string)[], signed: readonly (object | string)[] = heads) {
  const { findings } = await verify(file(lines), file(signed), [by.key]);
  return findings.map(({ what, first, last }) => [what, first, last]);
}

it("has the roots that certificate transparency publishes", async () => {
  const leaves = await Promise.all(LEAVES.map((leaf) => leafHash(fromHex(leaf))));
  let edge = Edge.EMPTY;
  for (const [at, leaf] of leaves.entries()) {
    edge = await edge.with([leaf]);
    expect(await edge.root()).toBe(ROOTS[at]);
  }
});

describe("a log", () => {
  it("is in order as it was signed, and says what no head vouches for yet", async () => {
    expect(await found(entries)).toEqual([]);
    const verdict = await verify(file(entries), file(heads.slice(0, 3)), [by.key]);
    expect(verdict).toMatchObject({ entries: 20, unsigned: 5, heads: 3, newest: { size: 15 }, findings: [] });
  });
  it("is vouched for by the one head that a reader kept", async () => {
    const verdict = await verify(file(entries), file([heads[2] as object]), [by.key]);
    expect(verdict).toMatchObject({ entries: 20, unsigned: 5, heads: 1, newest: { size: 15 }, findings: [] });
  });
  it.each([
    { content: "{}" },
    { id: "z1/2" },
    { kind: "claim" },
    { salt: "0".repeat(32) },
    { public: false },
    { index: 19 },
    { salt: "A".repeat(32) },
    { content: "\ud800" },
  ])("whose entry 7 has %o names it", async (change) => {
    expect(await found(put(entries, 7, { ...entries[7], ...change } as Entry))).toEqual([["altered", 7, 7]]);
  });
  it("with a line that cannot be read names the entry that stood there", async () => {
    expect(await found(put<object | string>(entries, 7, "{"))).toEqual([["altered", 7, 7]]);
  });
  it("names what is gone, also where the rest is numbered anew", async () => {
    const left = entries.filter((_, at) => ![3, 4, 19].includes(at));
    const gone = [
      ["dropped", 3, 4],
      ["dropped", 19, 19],
    ];
    expect(await found(left)).toEqual(gone);
    expect(await found(left.map((one, index) => ({ ...one, index })))).toEqual(gone);
  });
  it("names entries that changed places, that were never signed and that stand twice", async () => {
    const swapped = put(put(entries, 3, entries[14] as Entry), 14, entries[3] as Entry);
    expect((await found(swapped)).sort()).toEqual([
      ["moved", 14, 14],
      ["moved", 3, 3],
    ]);
    expect(await found(put(entries, 9, entry(9, "new"), 0))).toEqual([["added", 9, 9]]);
    expect(await found([...entries, entries[2] as Entry])).toEqual([["added", 2, 2]]);
  });
  it("may blank an entry, and must say so", async () => {
    const commitment = await sha256(joined(fromHex(entries[2]?.salt ?? ""), utf8(`warning\nz2/1\n${entries[2]?.content}`)));
    const blank = put(entries, 2, { index: 2, public: true, commitment: hex(commitment) });
    expect(await found(blank)).toEqual([["blanked", 2, 2]]);
    const said = { ...entry(20, '{"entry":2,"reason":"it named a person"}'), kind: "blanked", id: "2" };
    expect(await found([...blank, said])).toEqual([]);
  });
});

describe("heads", () => {
  it("that a stranger signed, or with other words, count for nothing", async () => {
    const stranger = await signer();
    for (const bad of [await stranger.head(20, ROOTS[0] as string, second(50)), { ...heads[1], size: 9 }, "no JSON"])
      expect(await found(entries, [...heads, bad])).toEqual([["head", null, null]]);
    expect(await found(entries, [])).toEqual([["head", null, null]]);
  });
  it("without leaves tell between which two something is wrong", async () => {
    const bare = heads.map((head) => ({ ...head, leaves: "" }));
    expect(await found(entries, bare)).toEqual([]);
    expect(await found(put(entries, 7, entry(7, "new")), bare)).toEqual([["altered", 5, 9]]);
    expect(await found(entries.slice(0, 12), bare)).toEqual([["dropped", 12, 14]]);
  });
  it("that contradict each other are a fork, and a shorter log is found", async () => {
    const other = [...entries.slice(0, 10), ...Array.from({ length: 10 }, (_, at) => entry(10 + at, "other"))];
    const both = [...heads, ...(await headsOf(by, other, 5, 10, 30))];
    expect(await found(entries, both)).toEqual([["forked", 10, 19]]);
    expect(await found(other, both)).toEqual([
      ["forked", 10, 19],
      ["forked", 10, 19],
    ]);
    const root = (heads[0] as { root: string }).root;
    expect(await found(entries, [...heads, await by.head(5, root, second(40))])).toEqual([["rewound", 5, 19]]);
    expect(await found(entries, [...heads, await by.head(5, ROOTS[0] as string, second(40))])).toEqual([["forked", null, null]]);
  });
});
