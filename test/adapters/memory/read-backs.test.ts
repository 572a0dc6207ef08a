import { createMemoryReadBacks } from "../../../src/adapters/memory/read-backs.ts";
import { readBacksSuite } from "../../support/read-backs-suite.ts";

readBacksSuite(async () => createMemoryReadBacks());
