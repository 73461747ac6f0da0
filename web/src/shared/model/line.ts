// Whether the line is so bad, or so dear, that the page shall ask for as little as it can.

interface Connection {
  readonly saveData?: boolean;
  readonly effectiveType?: string;
}

export function isThin(around: { connection?: Connection } = navigator as never): boolean {
  const { saveData, effectiveType } = around.connection ?? {};
  return saveData === true || effectiveType === "slow-2g" || effectiveType === "2g";
}
