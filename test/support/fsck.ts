import { berth } from './berth-command.js';

export interface FsckFinding {
  readonly severity: 'damage' | 'incomplete' | 'waste';
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly images: readonly string[];
}

/** Runs `berth fsck` on a data directory, whether a server runs on it or not. */
export async function fsckOf(
  dataDir: string,
  ...options: string[]
): Promise<{ code: number; findings: FsckFinding[] }> {
  const { code, stdout, stderr } = await berth(['fsck', '--data-dir', dataDir, '--output', 'json', ...options]);
  if (stdout === '') throw new Error(`berth fsck ended with ${code}: ${stderr}`);
  return { code, findings: JSON.parse(stdout) };
}
