/** Made by build/backdrop.ts. */
declare module "virtual:backdrop" {
  export const TILE_DEG: number;
  export const STEPS_PER_DEG: number;
  /** Names of the tiles that have land in them: "west_south" in degrees. */
  export const TILES: ReadonlySet<string>;
}
