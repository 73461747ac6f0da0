// The backdrop's files, as build/backdrop.ts cuts them and both maps read them.

export const TILE_DEG = 10;
// 220 m; the outlines themselves are good to about a kilometre.
export const STEPS_PER_DEG = 500;
