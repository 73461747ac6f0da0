// A real OpenID provider (npm oidc-provider) on a free port: node openid_provider.mjs NODE_MODULES REDIRECT_URI
// It prints its address, and ends with its standard input. Whoever signs in is called what he types, and is of "air-watch".
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [modules, redirectUri] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`).href);
const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    { client_id: "tocsin", client_secret: "a secret of the tests", redirect_uris: [redirectUri] },
    { client_id: "other", client_secret: "another secret", redirect_uris: [redirectUri] },
  ],
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, preferred_username: sub, groups: ["air-watch", "choir"] }),
  }),
});
server.on("request", provider.callback());
console.log(issuer);
process.stdin.resume().on("end", () => process.exit(0));
