// Spotters: who was invited, under which pseudonym, and how far each can be relied on. Never who or where.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useOwn } from "../../shared/i18n/hooks";
import { POSTS } from "../../shared/i18n/posts";
import { call, Refused } from "../call";
import { useDesk } from "../desk";
import { Table } from "./set";

interface Post {
  readonly post: string;
  readonly team: string;
  readonly state: "invited" | "here" | "revoked";
  readonly until: string | null;
  readonly last_heard: "hour" | "day" | "week" | "longer" | null;
  readonly kept: number;
  readonly refused: number;
  readonly borne_out: number;
  readonly unanswered: number;
  readonly contradicted: number;
  readonly reliability: number | null;
}

interface Invitation {
  readonly post: string;
  readonly link: string;
  readonly svg: string;
  readonly until: string;
}

export function Spotters() {
  const { voice } = useDesk();
  const say = useOwn(POSTS, voice.words.language);
  const [posts, setPosts] = useState<readonly Post[] | null>(null);
  const [made, setMade] = useState<readonly Invitation[]>([]);
  const [fault, setFault] = useState("");
  const [revoking, setRevoking] = useState<string | null>(null);
  const failed = useCallback(
    (error: unknown) => setFault(error instanceof Refused ? voice.say("refused", { why: error.detail }) : voice.say("not_sent")),
    [voice],
  );
  const ask = useCallback(() => {
    call<{ posts: readonly Post[] }>("GET", "/v1/spotters").then((found) => setPosts(found.posts), failed);
  }, [failed]);
  useEffect(ask, [ask]);
  const revoke = (post: string) => {
    const sure = revoking === post;
    setRevoking(sure ? null : post);
    if (sure) call("DELETE", `/v1/spotters/${encodeURIComponent(post)}`).then(() => setFault(""), failed).finally(ask);
  };
  const invite = (count: number, hours: number | null) =>
    call<{ invitations: readonly Invitation[] }>("POST", "/v1/spotters", { count, hours })
      .then((found) => (setFault(""), setMade(found.invitations)), failed)
      .finally(ask);
  const number = voice.words.number;
  const rows = posts?.map((one) => [
    one.post,
    one.team,
    one.state === "invited" && one.until !== null ? `${say("state_invited")}, ${say("until", { time: voice.full(one.until) })}` : say(`state_${one.state}`),
    say(`heard_${one.last_heard ?? "never"}`),
    ...[one.kept, one.refused, one.borne_out, one.unanswered, one.contradicted].map((count) => number(count)),
    one.reliability === null ? "–" : voice.percent(one.reliability),
    one.state === "revoked" ? (
      "–"
    ) : (
      <button type="button" class={revoking === one.post ? "danger" : ""} onClick={() => revoke(one.post)}>
        {revoking === one.post ? say("revoke_sure") : say("revoke", { post: one.post })}
      </button>
    ),
  ]);
  const figures = ["kept", "refused", "borne_out", "unanswered", "contradicted", "reliability"] as const;
  const head = [say("post"), say("team"), say("state"), say("last_heard"), ...figures.map((key) => say(key)), voice.say("change")];
  return (
    <>
      <p role="alert" class="fault">
        {fault}
      </p>
      {made.length > 0 && (
        <section class="cards" role="status">
          <p>{say("once")}</p>
          {made.map((one) => (
            <figure key={one.post}>
              <Code svg={one.svg} />
              <figcaption>
                <b>{one.post}</b> {say("until", { time: voice.full(one.until) })} <code dir="ltr">{one.link}</code>
              </figcaption>
            </figure>
          ))}
        </section>
      )}
      {posts === null ? <p class="empty">…</p> : <Table head={head} rows={rows ?? []} />}
      <p class="soft">{say("private")}</p>
      <Invite invite={invite} />
    </>
  );
}

/** The picture as the service drew it, read as a document: nothing in it can run. */
function Code({ svg }: { svg: string }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const read = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    if (read.nodeName === "svg") frame.current?.replaceChildren(document.importNode(read, true));
  }, [svg]);
  return <div class="code" ref={frame} aria-hidden="true" />;
}

function Invite({ invite }: { invite: (count: number, hours: number | null) => Promise<unknown> }) {
  const { voice } = useDesk();
  const say = useOwn(POSTS, voice.words.language);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    void invite(Number(given.get("count")), Number(given.get("hours")) || null);
  };
  return (
    <form onSubmit={submit} class="add">
      <h3>{say("invite")}</h3>
      <label>
        {say("how_many")}
        <input name="count" type="number" required min={1} max={100} defaultValue={1} />
      </label>
      <label>
        {say("for_hours")}
        <input name="hours" type="number" min={1} max={720} defaultValue={24} />
      </label>
      <p class="soft">{say("together")}</p>
      <button type="submit" class="main">
        {say("invite")}
      </button>
    </form>
  );
}
