import { createMemoryLaneControls } from "../../../src/adapters/memory/lane-controls.ts";
import { laneControlsSuite } from "../../support/lane-controls-suite.ts";

laneControlsSuite(async () => createMemoryLaneControls());
