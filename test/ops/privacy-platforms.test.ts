import { platformDeletions } from "../../src/adapters/lambda-ops.ts";
import { meta } from "../../src/destinations/meta.ts";
import { microsoftAds } from "../../src/destinations/microsoft-ads.ts";
import { listPlatformDeletions } from "../../src/ops/privacy-platforms.ts";
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
