// Parts of the forms by which people sign in and change what they sign in with.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Say, Words } from "../../shared/i18n";
import type { SignInKey } from "../../shared/i18n/signin";
import { said } from "../said";

/** How this part of the page speaks. */
export interface Voiced {
  readonly words: Words;
  readonly say: Say<SignInKey>;
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly type?: "text" | "password";
  readonly autocomplete: HTMLInputElement["autocomplete"];
  readonly inputMode?: "numeric";
  readonly dir?: "ltr";
  readonly defaultValue?: string;
  readonly maxLength?: number;
  readonly required?: boolean;
  readonly autofocus?: boolean;
}

export function Field({ label, help, type = "text", autofocus = false, ...rest }: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // The attribute works once for a page, and this page has several steps.
  useEffect(() => (autofocus ? input.current?.focus() : undefined), [autofocus]);
  const described = help === undefined ? {} : { "aria-describedby": `${id}-help` };
  const all = { id, ref: input, autocapitalize: "none", spellcheck: false, ...described, ...rest } as const;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === "password" ? <input type="password" {...all} /> : <input type="text" {...all} />}
      {help !== undefined && (
        <p id={`${id}-help`} class="soft">
          {help}
        </p>
      )}
    </div>
  );
}

/** A password, which its owner may look at. */
export function Secret({ say, ...rest }: Omit<FieldProps, "type" | "required"> & { say: Say<SignInKey> }) {
  const [shown, show] = useState(false);
  return (
    <div class="secret">
      <Field type={shown ? "text" : "password"} required {...rest} />
      <button type="button" aria-pressed={shown} onClick={() => show(!shown)}>
        {say(shown ? "hide" : "show")}
      </button>
    </div>
  );
}

export interface Try {
  readonly busy: boolean;
  readonly fault: string;
  /** Do it; whether it was done. What went wrong is then in `fault`; 401 is called `wrong` where that is given. */
  run(deed: () => Promise<void>, wrong?: SignInKey): Promise<boolean>;
  clear(): void;
}

export function useTry({ say, words }: Voiced, begun = ""): Try {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(begun);
  // Impatience sends nothing twice.
  const running = useRef(false);
  const run = async (deed: () => Promise<void>, wrong: SignInKey = "wrong") => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setFault("");
    try {
      await deed();
      return true;
    } catch (error) {
      setFault(said(error, say, words, wrong));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, fault, run, clear: () => setFault("") };
}

interface FormProps extends Voiced {
  readonly tried: Try;
  readonly label: string;
  readonly children: ComponentChildren;
  send(given: (name: string) => string): void;
}

/** A form with what went wrong and its one button. */
export function Form({ say, tried, label, children, send }: FormProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    send((name) => String(data.get(name) ?? ""));
  };
  return (
    <form onSubmit={submit} aria-busy={tried.busy}>
      {children}
      <Fault tried={tried} />
      <button type="submit" class="main" aria-disabled={tried.busy}>
        {tried.busy ? say("working") : label}
      </button>
    </form>
  );
}

export function Fault({ tried }: { tried: Try }) {
  return (
    <p role="alert" class="fault">
      {tried.fault}
    </p>
  );
}
