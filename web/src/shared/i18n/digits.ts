// Numbers in the digits of a language, for whoever needs no words with them.

/** What is made when it is first needed: to make a formatter takes a phone tens of milliseconds. */
export function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Says seconds as "2:31", or "1:02:31"; read left to right in every language. */
export function clockIn(language: string): (seconds: number) => string {
  const plain = lazy(() => new Intl.NumberFormat(language));
  const two = lazy(() => new Intl.NumberFormat(language, { minimumIntegerDigits: 2 }));
  return (total) => {
    const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, Math.floor(total) % 60];
    return h > 0 ? `${plain().format(h)}:${two().format(m)}:${two().format(s)}` : `${plain().format(m)}:${two().format(s)}`;
  };
}
