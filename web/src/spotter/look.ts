// How the screen looks: day, dark, red for the night, and how large. Kept on the device, and erased with the rest.

import { useEffect, useState } from "preact/hooks";

export const THEMES = ["auto", "light", "dark", "red"] as const;
export type Theme = (typeof THEMES)[number];
export const SIZES = [1, 2, 3] as const;
export type Size = (typeof SIZES)[number];

export interface Look {
  readonly theme: Theme;
  readonly size: Size;
}

const KEY = "tocsin.look";

function remembered(): Look {
  try {
    const { theme, size } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Look>;
    return { theme: THEMES.find((one) => one === theme) ?? "auto", size: SIZES.find((one) => one === size) ?? 1 };
  } catch {
    return { theme: "auto", size: 1 };
  }
}

export function useLook(): [Look, (look: Look) => void] {
  const [look, set] = useState(remembered);
  useEffect(() => {
    document.documentElement.dataset.theme = look.theme;
    document.documentElement.dataset.size = String(look.size);
  }, [look]);
  const choose = (wanted: Look) => {
    set(wanted);
    try {
      localStorage.setItem(KEY, JSON.stringify(wanted));
    } catch {
      // Storage is switched off: it holds as long as the page is open.
    }
  };
  return [look, choose];
}
