/** Made by build/backdrop.ts. */
declare module "virtual:backdrop" {
  /** Names of the tiles that have land in them: "west_south" in degrees. */
  export const TILES: ReadonlySet<string>;
}

/** Made by build/shell.ts. */
declare module "virtual:shell" {
  /** Paths of what the page needs without a line. */
  export const FILES: readonly string[];
  export const VERSION: string;
}
