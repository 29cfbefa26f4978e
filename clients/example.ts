// Typed calls of a mini-program: paths, parameters and answers come from the schema.

import type { components, paths } from "./twotier";

export type Workspace = components["schemas"]["WorkspaceAnswer"];
export type Problem = components["schemas"]["Problem"];

type Get<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Answer } } } };
}
  ? Answer
  : never;

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** Read what a path without parameters answers. */
export async function read<Path extends keyof paths & string>(
  host: string,
  path: Path,
  access: string,
): Promise<Get<Path>> {
  const response = await fetch(host + path, { headers: { Authorization: `Bearer ${access}` } });
  if (!response.ok) throw new Refused((await response.json()) as Problem);
  return (await response.json()) as Get<Path>;
}

export async function earnedToday(host: string, access: string): Promise<number> {
  const workspace: Workspace = await read(host, "/api/v1/distributor/workspace", access);
  return workspace.today.total_income;
}

/** A withdrawal as it is sent: amounts are integers in fen. */
export const withdrawal: components["schemas"]["WithdrawalBody"] = {
  amount: 10_000,
  channel: "wechat",
};
