import { createMemoryPrivacyJobs } from "../../../src/adapters/memory/privacy-jobs.ts";
import { privacyJobsSuite } from "../../support/privacy-jobs-suite.ts";

privacyJobsSuite(async () => createMemoryPrivacyJobs());
