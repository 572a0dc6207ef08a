import fc from "fast-check";
import type { DestinationRequest } from "../../src/core/destination.ts";
import { createSecretMask } from "../../src/pipeline/shown-exchange.ts";

const SECRET = 'c4nary/+ "secret"=&%';

function request(more: Partial<DestinationRequest>): DestinationRequest {
  return { method: "POST", url: "https://platform.example/", headers: {}, body: "", ...more };
}

test.each<[string, Partial<DestinationRequest>]>([
  ["in the address, encoded", { url: `https://platform.example/c?id=7&api_secret=${encodeURIComponent(SECRET)}` }],
  ["in the path", { url: `https://platform.example/${encodeURIComponent(SECRET)}/c` }],
  ["in a header of any name", { headers: { "x-client": `id ${SECRET}` } }],
  ["in a JSON body", { body: JSON.stringify({ deep: [{ any: SECRET }] }) }],
  ["in a form body", { body: new URLSearchParams({ code: SECRET }).toString() }],
  ["in base64", { headers: { "x-any": Buffer.from(SECRET).toString("base64") } }],
])("a credential is hidden %s", (_, more) => {
  const shown = JSON.stringify(createSecretMask([SECRET]).request(request(more)));
  expect(shown).toContain("[secret]");
  expect(shown).not.toContain("c4nary");
  expect(shown).not.toContain(Buffer.from(SECRET).toString("base64"));
});

test("basic authorization is hidden under whatever header it is", () => {
  const basic = Buffer.from("client-id:client-word").toString("base64");
  const shown = createSecretMask(["client-id", "client-word"]).request(request({ headers: { "x-auth": basic } }));
  expect(shown.headers["x-auth"]).toBe("[secret]");
});

test("what is named as a secret is hidden although no credential is known", () => {
  const shown = createSecretMask([]).request(
    request({
      url: "https://platform.example/c?access_token=abc123&measurement_id=G-1&api_secret=xyz",
      headers: { authorization: "Bearer abc", "x-api-key": "k", "webhook-signature": "v1,zzz", accept: "a/b" },
      body: '{"client_secret":"s\\"1","token_type":"Bearer","refresh_token":"r"}',
    }),
  );
  expect(shown).toEqual({
    method: "POST",
    url: "https://platform.example/c?access_token=[secret]&measurement_id=G-1&api_secret=[secret]",
    headers: {
      authorization: "Bearer [secret]",
      "x-api-key": "[secret]",
      "webhook-signature": "[secret]",
      accept: "a/b",
    },
    body: '{"client_secret":"[secret]","token_type":"Bearer","refresh_token":"[secret]"}',
  });
});

test("an answer is masked like a request, with a token that came later", () => {
  const mask = createSecretMask([]);
  mask.add("issued-token");
  const body = '{"access_token":"other","echo":"you sent issued-token"}';
  expect(mask.response({ status: 200, headers: { "set-cookie": "sid=1" }, body })).toEqual({
    status: 200,
    headers: { "set-cookie": "[secret]" },
    body: '{"access_token":"[secret]","echo":"you sent [secret]"}',
  });
});

test("names of credentials in a preview are no secrets", () => {
  const preview = request({
    url: "https://platform.example/c?api_secret=%7BapiSecret%7D",
    headers: { authorization: "Bearer {accessToken}" },
  });
  expect(createSecretMask([]).request(preview)).toEqual(preview);
});

test("hashes, ids and addresses stay: whoever looks gave the event", () => {
  const plain = request({ body: JSON.stringify({ em: ["a".repeat(64)], email: "ana@example.com", event_id: "x-1" }) });
  expect(createSecretMask(["another-secret"]).request(plain)).toEqual(plain);
});

test("no credential of four characters and more gets through, whatever it is made of", () => {
  const hiding = fc.string({ minLength: 4, unit: "binary-ascii" }).filter((it) => !"[secret]".includes(it));
  fc.assert(
    fc.property(hiding, (secret) => {
      const shown = createSecretMask([secret]).request(request({ body: `<${secret}>`, headers: { "x-a": secret } }));
      expect(shown.body).not.toContain(`<${secret}>`);
      expect(shown.headers["x-a"]).toBe("[secret]");
    }),
  );
});
