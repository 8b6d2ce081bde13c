import { auditActionNames, auditActions } from './actions.js';

/** The table of docs/audit.md. */
export function actionsTable(): string {
  const rows = auditActionNames.map((name) => {
    const { result, resource, fields, doc } = auditActions[name];
    return `| \`${name}\` | ${result} | ${resource} | ${doc} | ${fields.join(', ')} |`;
  });
  return ['| Action | Result | Resource | Meaning | Before and after |', '|---|---|---|---|---|', ...rows].join('\n');
}
