// In which ways one can sign in here.

import { useEffect, useState } from "preact/hooks";
import { call } from "./call";

export interface Ways {
  readonly password: boolean;
  readonly passkeys: boolean;
  readonly openid: readonly { readonly id: string; readonly name: string }[];
}

/** Until the service has said so, a password is one. */
export function useWays(): Ways {
  const [ways, setWays] = useState<Ways>({ password: true, passkeys: false, openid: [] });
  useEffect(() => void call<Ways>("GET", "/v1/session/ways").then(setWays, () => undefined), []);
  return ways;
}
