// An OpenID Connect provider that insists on PKCE with S256, on 127.0.0.1 and the port of the first argument.
// Whoever signs in is the person of that name: ada@district.example for ada, verified unless the name is "mallory".
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "ours",
    client_secret: "secret",
    redirect_uris: ["http://127.0.0.1:8000/sign-in/with/oidc/back"],
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["only for tests"] },
  pkce: { methods: ["S256"], required: () => true },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@district.example`, email_verified: id !== "mallory", name: "Ada Park" }),
  }),
});
provider.listen(port, "127.0.0.1");
