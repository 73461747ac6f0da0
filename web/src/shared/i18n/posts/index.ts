// The words of those who invite spotters and see how they do.

import type { Own } from "../hooks";
import english from "./en.json";

export type PostsKey = keyof typeof english;
export const POSTS: Own<PostsKey> = {
  english,
  others: import.meta.glob<{ default: Record<PostsKey, string> }>(["./*.json", "!./en.json"]),
};
