import { platformDeletions } from "../../src/adapters/lambda-ops.ts";
import { meta } from "../../src/destinations/meta.ts";
import { microsoftAds } from "../../src/destinations/microsoft-ads.ts";
import { readPrivacyJob } from "../../src/ops/privacy-erase.ts";
import { listPlatformDeletions } from "../../src/ops/privacy-platforms.ts";
import { eraseWorld } from "../support/erase-world.ts";
import { serverPurchase } from "../support/lookup-world.ts";
import { createOpsWorld } from "../support/ops-world.ts";

test("what platforms offer, for the lanes that are configured and as their declarations say it", async () => {
  const common = { testMode: false, settings: {} };
  const destinations = [
    { id: "meta-eu", type: "meta", ...common },
    { id: "bing", type: "microsoft-ads", ...common },
  ] as unknown as Parameters<typeof platformDeletions>[0]["destinations"];
  const deletions = platformDeletions({ destinations }, { meta, "microsoft-ads": microsoftAds });
  const ops = await createOpsWorld([listPlatformDeletions], { deletions });
  const { body } = await ops.ask({ path: "/privacy/platforms" });
  expect(body.items).toEqual([
    { lane: "meta-eu", type: "meta", name: meta.name, ...meta.catalogue.deletion },
    { lane: "bing", type: "microsoft-ads", name: microsoftAds.name, ...microsoftAds.catalogue.deletion },
  ]);
  expect(listPlatformDeletions.answer?.safeParse(body).success).toBe(true);
});

test("an erasure names the platforms that the person's events were meant for, and how each lets go of them", async () => {
  const world = await eraseWorld();
  const anna = { email: "anna@household.example", user_id: "anna-1" };
  await world.send({ events: [serverPurchase("a1", { user: anna, consent: { ad_user_data: "denied" } })] });
  await world.send({ events: [serverPurchase("b1", { user: { email: "ben@household.example" } })] });
  const { body } = await world.erase(anna.email);
  expect(body).not.toHaveProperty("platforms");
  await world.finish(body.id);
  const answer = await world.ops.ask({ path: `/privacy/jobs/${body.id}` });
  // Meta was refused by their consent: it never got anything of them.
  expect(answer.body.platforms).toMatchObject([{ lane: "webhook", by: "nothing" }]);
  expect(readPrivacyJob.answer?.safeParse(answer.body).success).toBe(true);
  const { body: other } = await world.erase("ben@household.example");
  await world.finish(other.id);
  const all = await world.ops.ask({ path: `/privacy/jobs/${other.id}` });
  expect(all.body.platforms.map(({ lane }: { lane: string }) => lane)).toEqual(["meta", "webhook"]);
});
