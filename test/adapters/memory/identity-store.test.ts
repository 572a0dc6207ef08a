import { createMemoryIdentityStore } from "../../../src/adapters/memory/identity-store.ts";
import { identityStoreSuite } from "../../support/identity-store-suite.ts";

identityStoreSuite(async (now) => createMemoryIdentityStore({ now }));
