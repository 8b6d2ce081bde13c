import { layWaste } from './attacks.js';

/** The attackers' own process. Its arguments are the plan as JSON and the names of attacks, none for all of them. */
const [plan = '', ...names] = process.argv.slice(2);
await layWaste(JSON.parse(plan), names);
process.exit();
