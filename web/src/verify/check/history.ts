// What signed heads say of a log: its leaves, one after the other, and the roots over them.

import { fromBase64, HASH_BYTES, type Hash, hex, isCount, joined, matches, objectIn, sha256, utf8 } from "./bytes";

/** A key that may sign heads, and the SHA-256 by which it is known. */
export interface Key {
  readonly fingerprint: string;
  readonly key: CryptoKey;
  readonly algorithm: AlgorithmIdentifier | EcdsaParams;
}

export interface Head {
  readonly log: string;
  readonly size: number;
  readonly root: string;
  readonly time: string;
  readonly first: number;
  /** Hashes of the leaves from `first` on; null: they are left out, or do not fit. */
  readonly leaves: readonly Hash[] | null;
  readonly names: boolean;
  readonly key: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

const HEX32 = /^[0-9a-f]{32}$/;
const HEX64 = /^[0-9a-f]{64}$/;
const SECOND = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** The public key in a PEM text. Throws where there is none that WebCrypto knows here. */
export async function keyIn(pem: string): Promise<Key> {
  const body = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(pem)?.[1];
  const der = fromBase64((body ?? "?").replace(/\s/g, ""));
  if (der === null) throw new Error("no public key");
  const fingerprint = hex(await sha256(der));
  const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  for (const algorithm of [ecdsa, { name: "Ed25519" }]) {
    try {
      return { fingerprint, algorithm, key: await crypto.subtle.importKey("spki", der, algorithm, false, ["verify"]) };
    } catch {
      // The other kind, then.
    }
  }
  throw new Error("neither a P-256 nor an Ed25519 key that this browser knows");
}

/** The head in a line; null: it is none. */
export function headIn(line: string | null): Head | null {
  const found = objectIn(line);
  if (found === null) return null;
  const { log, size, root, time, first = 0, leaves = "", key, signature } = found;
  if (!matches(log, HEX32) || !isCount(size) || !matches(root, HEX64) || !matches(time, SECOND) || !isCount(first)) return null;
  if (!matches(key, HEX64) || typeof leaves !== "string" || typeof signature !== "string") return null;
  const bytes = fromBase64(leaves);
  const fits = bytes !== null && bytes.length === HASH_BYTES * (size - first);
  return {
    log,
    size,
    root,
    time,
    first,
    leaves: fits ? Array.from({ length: size - first }, (_, at) => bytes.subarray(HASH_BYTES * at, HASH_BYTES * (at + 1))) : null,
    names: leaves !== "",
    key,
    signature: fromBase64(signature) ?? new Uint8Array(),
  };
}

/** Why a head counts for nothing; null: one of the keys signed it. */
export async function refused(head: Head, keys: readonly Key[]): Promise<"stranger" | "signature" | null> {
  const found = keys.find(({ fingerprint }) => fingerprint === head.key);
  if (found === undefined) return "stranger";
  const words = utf8(`tocsin signed head\n${head.log}\n${head.size}\n${head.root}\n${head.time}\n`);
  const good = await crypto.subtle.verify(found.algorithm, found.key, head.signature, words);
  return good ? null : "signature";
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
export const leafHash = (data: Uint8Array): Promise<Hash> => sha256(joined(LEAF, data));
const nodeHash = (left: Hash, right: Hash): Promise<Hash> => sha256(joined(NODE, left, right));

/** The right edge of a tree: whole subtrees, each as high as a bit of the size says. */
export class Edge {
  private constructor(
    readonly size: number,
    private readonly peaks: readonly Hash[],
  ) {}

  static readonly EMPTY = new Edge(0, []);

  async with(leaves: readonly Hash[]): Promise<Edge> {
    const peaks = [...this.peaks];
    let size = this.size;
    for (const leaf of leaves) {
      let top = leaf;
      for (let bits = size; bits % 2 === 1; bits = (bits - 1) / 2) top = await nodeHash(peaks.pop() as Hash, top);
      peaks.push(top);
      size += 1;
    }
    return new Edge(size, peaks);
  }

  async root(): Promise<string> {
    const [last, ...others] = [...this.peaks].reverse();
    if (last === undefined) return hex(await sha256(new Uint8Array()));
    let found = last;
    for (const peak of others) found = await nodeHash(peak, found);
    return hex(found);
  }
}

/** One history that heads tell. */
export class Branch {
  private constructor(
    readonly leaves: Hash[],
    private edge: Edge,
    /** Roots that heads signed, by size. */
    private readonly roots: Map<number, string>,
  ) {}

  largest = 0;

  static empty(): Branch {
    return new Branch([], Edge.EMPTY, new Map());
  }

  private async rootAt(size: number): Promise<string> {
    const known = this.roots.get(size);
    return known ?? (await (await Edge.EMPTY.with(this.leaves.slice(0, size))).root());
  }

  /** Whether a head is of this history; what is new in it is taken in. */
  async takes(head: Head): Promise<boolean> {
    const { first, leaves, size } = head;
    if (leaves !== null && leaves.length > 0 && first <= this.leaves.length) {
      const shared = Math.min(this.leaves.length - first, leaves.length);
      for (let at = 0; at < shared; at += 1) if (hex(this.leaves[first + at] as Hash) !== hex(leaves[at] as Hash)) return false;
      const edge = await this.edge.with(leaves.slice(shared));
      if (edge.size === size) {
        const root = await edge.root();
        if (root !== head.root) return false;
        this.leaves.push(...leaves.slice(shared));
        this.edge = edge;
        this.roots.set(size, root);
        return true;
      }
    }
    return size <= this.leaves.length && (await this.rootAt(size)) === head.root;
  }

  /** The history that leaves this one where the head's leaves begin; null: there is none. */
  async forked(head: Head): Promise<Branch | null> {
    if (head.leaves === null || head.leaves.length === 0 || head.first > this.leaves.length) return null;
    const leaves = [...this.leaves.slice(0, head.first), ...head.leaves];
    const edge = await Edge.EMPTY.with(leaves);
    if ((await edge.root()) !== head.root) return null;
    return new Branch(leaves, edge, new Map([[head.size, head.root]]));
  }
}
